package loopback

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"os"
	"testing"
	"time"
)

// A client that trusts the folder's authority connects, before and after a restart; one that does not is stopped by the handshake.
func TestAuthorityFileIsWhatClientsTrust(t *testing.T) {
	dir := t.TempDir()
	var trusted *x509.CertPool
	for _, start := range []string{"first start", "restart"} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		config, path, err := TLS(dir, "test", listener.Addr(), time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if trusted == nil {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			trusted = x509.NewCertPool()
			trusted.AppendCertsFromPEM(text)
		}
		go func() {
			for {
				c, err := listener.Accept()
				if err != nil {
					return
				}
				_ = tls.Server(c, config).Handshake()
				_ = c.Close()
			}
		}()
		c, err := tls.Dial("tcp", listener.Addr().String(), &tls.Config{RootCAs: trusted})
		if err != nil {
			t.Fatalf("%s: %v", start, err)
		}
		_ = c.Close()
		if c, err := tls.Dial("tcp", listener.Addr().String(), &tls.Config{RootCAs: x509.NewCertPool()}); err == nil {
			_ = c.Close()
			t.Fatalf("%s: a client without the authority connected", start)
		}
		_ = listener.Close()
	}
}

func TestHost(t *testing.T) {
	for host, want := range map[string]bool{"localhost": true, "127.0.0.1": true, "127.9.9.9": true, "::1": true, "0.0.0.0": false, "192.0.2.1": false, "": false, "localhost.example": false} {
		if Host(host) != want {
			t.Errorf("Host(%q) = %v, want %v", host, !want, want)
		}
	}
}
