package store

import (
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"syscall"
)

// unansweredLimit is for how long sent data may stay unacknowledged before a connection to the database counts as dead: a server that
// vanishes without a word would otherwise be waited for as long as the kernel repeats itself, about a quarter of an hour.
const unansweredLimit = 15_000 // milliseconds

const tcpUserTimeout = 0x12 // TCP_USER_TIMEOUT, tcp(7)

// dialControl prepares a socket before it connects.
func dialControl(network, _ string, c syscall.RawConn) error {
	if !strings.HasPrefix(network, "tcp") {
		return nil
	}
	var failure error
	err := c.Control(func(fd uintptr) {
		failure = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpUserTimeout, unansweredLimit)
	})
	if err != nil {
		return err
	}
	return failure
}

// silent says whether a connection is open as far as this machine knows, and nothing has arrived on it. It does not wait for a reader that
// is waiting on the connection, as pgx may have one in the background after a slow write.
func silent(c net.Conn) bool {
	if wrapped, ok := c.(*tls.Conn); ok {
		c = wrapped.NetConn()
	}
	socket, ok := c.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return false
	}
	var failure error
	err = raw.Control(func(fd uintptr) {
		var one [1]byte
		_, _, failure = syscall.Recvfrom(int(fd), one[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
	})
	return err == nil && errors.Is(failure, syscall.EAGAIN)
}
