longpress rnu WH-1000XM5
