"""One case file and a folder of evidence in; one parole packet out."""
