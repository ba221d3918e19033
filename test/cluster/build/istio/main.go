// Command istio is as much of Istio's control plane as a gateway needs, built from Istio's own packages:
// discovery over plaintext gRPC, the validating webhook over TLS, and the debug pages over plain HTTP.
//
// It has no certificate authority, no injection and no status writing.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"google.golang.org/grpc"

	"istio.io/istio/pkg/config/schema/collections"
	validation "istio.io/istio/pkg/webhooks/validation/server"
)

type options struct {
	kubeconfig string
	discovery  string
	debug      string
	validation string
	tlsCert    string
	tlsKey     string
}

func main() {
	var opts options
	flag.StringVar(&opts.kubeconfig, "kubeconfig", "", "path of the kubeconfig")
	flag.StringVar(&opts.discovery, "discovery", "127.0.0.1:15010", "address of the discovery service")
	flag.StringVar(&opts.debug, "debug", "127.0.0.1:15014", "address of /ready and /debug")
	flag.StringVar(&opts.validation, "validation", "127.0.0.1:15017", "address of the validating webhook")
	flag.StringVar(&opts.tlsCert, "tls-cert", "", "certificate of the validating webhook")
	flag.StringVar(&opts.tlsKey, "tls-key", "", "key of the certificate")
	flag.Parse()

	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	if err := run(ctx, opts); err != nil {
		fmt.Fprintln(os.Stderr, "istio:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends or one of the servers fails.
func run(ctx context.Context, opts options) error {
	discovery, err := newDiscovery(opts.kubeconfig)
	if err != nil {
		return err
	}

	debugMux := http.NewServeMux()
	discovery.server.InitDebug(debugMux, false, func() map[string]string { return nil })
	debugMux.HandleFunc("/ready", func(w http.ResponseWriter, _ *http.Request) {
		if !discovery.server.IsServerReady() {
			http.Error(w, "caches are not synced yet", http.StatusServiceUnavailable)
		}
	})
	debugServer := &http.Server{Addr: opts.debug, Handler: debugMux, ReadHeaderTimeout: 5 * time.Second}

	validationMux := http.NewServeMux()
	if _, err := validation.New(validation.Options{
		Schemas:      collections.PilotGatewayAPI(),
		DomainSuffix: domainSuffix,
		Mux:          validationMux,
	}); err != nil {
		return fmt.Errorf("validating webhook: %w", err)
	}
	validationServer := &http.Server{Addr: opts.validation, Handler: validationMux, ReadHeaderTimeout: 5 * time.Second}

	// Listening first makes an address that is taken an error, not a program that never becomes ready.
	listener, err := net.Listen("tcp", opts.discovery)
	if err != nil {
		return fmt.Errorf("discovery: %w", err)
	}
	grpcServer := grpc.NewServer()
	discovery.server.Register(grpcServer)

	failed := make(chan error, 3)
	serve := func(name string, listen func() error) {
		if err := listen(); err != nil && !errors.Is(err, http.ErrServerClosed) {
			failed <- fmt.Errorf("%s: %w", name, err)
		}
	}
	go serve("debug", debugServer.ListenAndServe)
	go serve("validating webhook", func() error {
		return validationServer.ListenAndServeTLS(opts.tlsCert, opts.tlsKey)
	})
	go func() {
		// A proxy that connects earlier would be told that there is nothing, and keep that until the next push.
		if discovery.start(ctx.Done()) {
			serve("discovery", func() error { return grpcServer.Serve(listener) })
		}
	}()

	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	grpcServer.Stop()
	return errors.Join(err, debugServer.Close(), validationServer.Close())
}
