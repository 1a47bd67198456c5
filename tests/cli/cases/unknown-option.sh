longpress run WH-1000XM5 --benhc sim
