longpress settle WH-1000XM5 --bench sim
