"""The area’s procedures in the browser: read as a picture, changed, tried on past cases, published; cases moved."""
