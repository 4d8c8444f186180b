package store

import (
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
