// A reverse proxy on Go's own httputil.ReverseProxy: HTTP/1.1 and HTTP/2 on both sides, with and without TLS.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"flag"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/signal"
	"syscall"
	"time"
)

var (
	front       = flag.String("front", "http", "protocol of clients: http, h2c, https or mutual")
	back        = flag.String("back", "http", "protocol of the upstream: http, h2c or mutual")
	certificate = flag.String("certificate", "", "file of the certificate of both sides")
	key         = flag.String("key", "", "file of its key")
	authority   = flag.String("authority", "", "file of the certificates that both sides trust")
	passClose   = flag.Bool("pass-close", false, "close the body of a request where the transport closes it (golang/go 78973)")
	fullDuplex  = flag.Bool("full-duplex", false, "answer over HTTP/1.1 before the whole request has come (golang/go 57786)")
	connect     = flag.Duration("connect-timeout", 2*time.Second, "time for a connection to the upstream")
)

// Certificates of the authority's file.
func trusted() *x509.CertPool {
	pool := x509.NewCertPool()
	pem, err := os.ReadFile(*authority)
	if err != nil || !pool.AppendCertsFromPEM(pem) {
		log.Fatalf("no certificates in %s: %v", *authority, err)
	}
	return pool
}

// Transport to the upstream, as http.DefaultTransport but for the protocol, and with shorter clocks.
func transport() *http.Transport {
	to := http.DefaultTransport.(*http.Transport).Clone()
	to.Proxy = nil
	to.DialContext = (&net.Dialer{Timeout: *connect}).DialContext
	to.IdleConnTimeout = 2 * time.Second
	to.Protocols = new(http.Protocols)
	to.Protocols.SetHTTP1(*back != "h2c")
	to.Protocols.SetUnencryptedHTTP2(*back == "h2c")
	if *back == "mutual" {
		own, err := tls.LoadX509KeyPair(*certificate, *key)
		if err != nil {
			log.Fatal(err)
		}
		to.TLSClientConfig = &tls.Config{RootCAs: trusted(), ServerName: "a.lastfin.test", Certificates: []tls.Certificate{own}}
	}
	return to
}

func server(handler http.Handler) *http.Server {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(*front != "h2c")
	protocols.SetHTTP2(*front == "https")
	protocols.SetUnencryptedHTTP2(*front == "h2c")
	made := &http.Server{Handler: handler, Protocols: protocols, IdleTimeout: 2 * time.Second}
	if *front == "mutual" {
		made.TLSConfig = &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: trusted()}
	}
	return made
}

func main() {
	flag.Parse()
	scheme := "http"
	if *back == "mutual" {
		scheme = "https"
	}
	upstream := &url.URL{Scheme: scheme, Host: net.JoinHostPort(os.Getenv("UPSTREAM_HOST"), os.Getenv("UPSTREAM_PORT"))}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(request *httputil.ProxyRequest) {
			request.SetURL(upstream)
			request.Out.Host = request.In.Host
			if *passClose && request.Out.Body != nil {
				request.Out.Body = request.In.Body
			}
		},
		Transport: transport(),
		// each piece of an answer is passed on as it comes
		FlushInterval: -1,
	}
	serving := server(http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		if *fullDuplex && request.ProtoMajor == 1 {
			if err := http.NewResponseController(answer).EnableFullDuplex(); err != nil {
				log.Print(err)
			}
		}
		proxy.ServeHTTP(answer, request)
	}))
	listener, err := net.Listen("tcp", net.JoinHostPort(os.Getenv("LISTEN_HOST"), os.Getenv("LISTEN_PORT")))
	if err != nil {
		log.Fatal(err)
	}
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		told := make(chan os.Signal, 1)
		signal.Notify(told, syscall.SIGTERM)
		<-told
		grace, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		// those that are not done by then are cut
		if serving.Shutdown(grace) != nil {
			serving.Close()
		}
	}()
	if *front == "https" || *front == "mutual" {
		err = serving.ServeTLS(listener, *certificate, *key)
	} else {
		err = serving.Serve(listener)
	}
	if err != http.ErrServerClosed {
		log.Fatal(err)
	}
	<-stopped
}
