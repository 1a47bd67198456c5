longpress settle WH-1000XM3 --bench sim --unit S-1 --unit-firmware 4.5.2 --series s --json
