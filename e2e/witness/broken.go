package witness

import (
	"crypto/tls"
	"net"
	"net/http"
	"strconv"
	"time"
)

// Break says how an answer goes wrong on the wire.
type Break uint8

// The ways. The zero value is an answer as it should be.
const (
	Intact   Break = iota
	Reset          // the connection is reset (RST) without a byte
	HalfOpen       // half of the answer comes, then nothing; the connection stays
	Drip           // one byte a second
	Alert          // a fatal TLS alert comes instead of an answer
	TooShort       // the answer ends, and the connection with it, before the length that it announced
	TooLong        // more bytes come than the answer announced, and the first of the next answer are wrong
)

// breaks sends a broken answer; it returns by panicking with http.ErrAbortHandler, or when the connection is no longer the server's.
func breaks(w http.ResponseWriter, r *http.Request, a Answer) {
	control := http.NewResponseController(w)
	begin := func(announced int) {
		w.Header().Set("Content-Type", "text/xml; charset=UTF-8")
		w.Header().Set("Content-Length", strconv.Itoa(announced))
		w.WriteHeader(a.Status)
	}
	send := func(part []byte) bool {
		_, err := w.Write(part)
		return err == nil && control.Flush() == nil
	}
	switch a.Break {
	case Intact:
	case Reset, Alert, TooLong:
		raw(control, a)
		return
	case TooShort:
		begin(len(a.Body) + 100)
		send(a.Body)
	case HalfOpen:
		begin(len(a.Body))
		if send(a.Body[:len(a.Body)/2]) {
			<-r.Context().Done()
		}
	case Drip:
		begin(len(a.Body))
		drip(r, a.Body, send)
	}
	panic(http.ErrAbortHandler)
}

func drip(r *http.Request, body []byte, send func([]byte) bool) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for i := range body {
		if !send(body[i : i+1]) {
			return
		}
		select {
		case <-tick.C:
		case <-r.Context().Done():
			return
		}
	}
}

// raw is what net/http would not write.
func raw(control *http.ResponseController, a Answer) {
	conn, _, err := control.Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	below := conn
	if secured, ok := conn.(*tls.Conn); ok {
		below = secured.NetConn()
	}
	switch a.Break {
	case Alert: // content type 21, fatal, internal error
		_, _ = below.Write([]byte{21, 3, 3, 0, 2, 2, 80}) // the hub may be gone
	case TooLong:
		head := "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: " + strconv.Itoa(len(a.Body)/2) + "\r\n\r\n"
		_, _ = conn.Write(append([]byte(head), a.Body...))
	case Reset, Intact, HalfOpen, Drip, TooShort:
		if tcp, ok := below.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // then Close sends RST
		}
	}
	_ = below.Close() // what else, the connection is meant to break
}
