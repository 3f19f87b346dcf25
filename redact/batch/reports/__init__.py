"""Reports for people on a whole folder: report.xlsx to work in, report.html to look through."""
