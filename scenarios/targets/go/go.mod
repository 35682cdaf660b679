module lastfin/reverse-proxy

go 1.24
