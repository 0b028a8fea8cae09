"""The web pages of the staff, server-rendered, Vietnamese and English."""
