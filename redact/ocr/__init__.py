"""page -> lines: detection, strips, recognition lattices, page orientation; :class:`redact.ocr.reader.TextReader` is the one
Protocol."""
