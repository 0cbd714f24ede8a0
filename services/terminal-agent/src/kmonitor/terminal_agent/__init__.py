"""The program on the kiosk: keeps what kiosk software hands over, and sends it until it is answered."""
