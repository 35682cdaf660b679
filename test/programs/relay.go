// A TCP relay in Go; told `close-wait`, it never closes a connection whose client has ended its side.
package main

import (
	"io"
	"log"
	"net"
	"os"
	"os/signal"
	"syscall"
)

var kept []net.Conn

func serve(client net.Conn, mistake bool) {
	upstream, err := net.Dial("tcp", net.JoinHostPort(os.Getenv("UPSTREAM_HOST"), os.Getenv("UPSTREAM_PORT")))
	if err != nil {
		client.Close()
		return
	}
	go func() {
		io.Copy(client, upstream)
		client.(*net.TCPConn).CloseWrite()
	}()
	io.Copy(upstream, client)
	if mistake {
		kept = append(kept, client, upstream)
		return
	}
	upstream.Close()
	client.Close()
}

func main() {
	mistake := len(os.Args) > 1 && os.Args[1] == "close-wait"
	listener, err := net.Listen("tcp", net.JoinHostPort(os.Getenv("LISTEN_HOST"), os.Getenv("LISTEN_PORT")))
	if err != nil {
		log.Fatal(err)
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	go func() {
		<-stop
		os.Exit(0)
	}()
	for {
		client, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go serve(client, mistake)
	}
}
