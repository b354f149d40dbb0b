"""The public help centre: pages for everybody, made on the server and without a script."""
