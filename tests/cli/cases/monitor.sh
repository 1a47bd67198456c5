longpress monitor sim --bench sim --for 100ms
