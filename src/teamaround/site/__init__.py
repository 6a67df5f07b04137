"""Settings, URL root, ASGI/WSGI: composition only."""
