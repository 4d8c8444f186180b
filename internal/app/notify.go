package app

import (
	"fmt"
	"net"
	"os"
	"strings"
)

// notify tells the service manager how far the process is, as sd_notify(3) describes, when a manager has asked for it by NOTIFY_SOCKET.
func notify(state string) (err error) {
	name := os.Getenv("NOTIFY_SOCKET")
	if name == "" {
		return nil
	}
	if rest, abstract := strings.CutPrefix(name, "@"); abstract {
		name = "\x00" + rest
	}
	c, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		return fmt.Errorf("notify the service manager: %w", err)
	}
	_, err = c.Write([]byte(state))
	if cerr := c.Close(); err == nil {
		err = cerr
	}
	return err
}

// tell is notify for what is not worth failing for.
func (p *process) tell(state string) {
	if err := notify(state); err != nil {
		p.log.Warn("the service manager could not be told", "state", state, "error", err)
	}
}
