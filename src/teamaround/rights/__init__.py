"""Rights over one's own data: copies, erasure, how long things are kept, holds, disposal, sharing agreements."""
