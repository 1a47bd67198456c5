longpress jog sim power --for 200ms --bench sim
longpress jog sim power --for 3s --bench sim | grep -c released
longpress jog sim pwer --for 200ms --bench sim
longpress jog sim power --for 20s --bench sim
longpress jog sim power --for 200 --bench sim
