"""One reader per kind of file, all giving a `qa.documents.Document`."""
