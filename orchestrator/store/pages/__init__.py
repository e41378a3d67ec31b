"""What people and programs read, a page at a time. Nothing here changes anything."""
