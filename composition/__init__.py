"""The composition root: settings, processes, the pipeline, the command line, migrations. It alone knows every room."""
