package store_test

import (
	"fmt"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	"kontor/internal/hub"
	"kontor/internal/store"
	"kontor/internal/store/storetest"
)

// cable carries connections to a server and is cut after a number of bytes in one direction.
type cable struct {
	mu    sync.Mutex
	cut   string // the direction in which it will be cut: "up", "down", "" = it is whole
	left  int
	conns []net.Conn
}

func (c *cable) arm(direction string, after int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut, c.left = direction, after
}

// allow returns how many of n bytes pass, and whether the cable is cut behind them.
func (c *cable) allow(direction string, n int) (int, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cut != direction {
		return n, false
	}
	if n <= c.left {
		c.left -= n
		return n, false
	}
	c.cut = ""
	return c.left, true
}

// unplug ends all connections, as a server that was restarted does.
func (c *cable) unplug() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, one := range c.conns {
		_ = one.Close() // either end may have closed it
	}
	c.conns = nil
}

func (c *cable) pump(direction string, from, into net.Conn) {
	defer func() { _, _ = from.Close(), into.Close() }()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		n, cut := c.allow(direction, n)
		if _, werr := into.Write(buffer[:n]); cut || err != nil || werr != nil {
			return
		}
	}
}

func (c *cable) serve(l net.Listener, to string) {
	for {
		a, err := l.Accept()
		if err != nil {
			return
		}
		b, err := net.Dial("tcp", to)
		if err != nil {
			_ = a.Close()
			continue
		}
		c.mu.Lock()
		c.conns = append(c.conns, a, b)
		c.mu.Unlock()
		go c.pump("up", a, b)
		go c.pump("down", b, a)
	}
}

// throughCable opens the fixture's database through a cable.
func throughCable(t *testing.T, f *storetest.Fixture) (*store.Store, *cable) {
	t.Helper()
	u, err := url.Parse(f.Database)
	must(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	c := &cable{}
	go c.serve(l, u.Host)
	u.Host = l.Addr().String()
	q := u.Query()
	q.Set("pool_max_conns", "1")
	u.RawQuery = q.Encode()
	s, err := store.Open(t.Context(), store.Options{Database: u.String(), Vault: f.Vault, Now: f.Now})
	must(t, err)
	t.Cleanup(func() {
		must(t, l.Close())
		c.unplug()
		must(t, s.Close())
	})
	return s, c
}

// Whichever byte to or from PostgreSQL is the last one: what was answered is there, once and whole; what failed is there whole or not at all, and
// the failure says that the database is to blame.
func TestCommitThatIsCutAtAnyByte(t *testing.T) {
	f := storetest.Postgres(t)
	s, c := throughCable(t, f)
	tenant := f.NewTenant("alpha")
	submit := func(name string) error {
		var digest [32]byte
		copy(digest[:], name)
		return s.Write(t.Context(), func(tx *store.Tx) error {
			first, err := tx.ClaimSubmission(t.Context(), tenant.ID, digest, hub.FileID(name), time.Hour)
			if err == nil && first != "" {
				err = fmt.Errorf("a double of %s", first)
			}
			if err != nil {
				return err
			}
			if _, err := tx.PublishBytes(t.Context(), tenant.ID.Owner(), store.BodyDocument, []byte(name)); err != nil {
				return err
			}
			return tx.Audit(t.Context(), hub.AuditRow{Owner: tenant.ID.Owner(), Actor: "test", Action: "submit", Subject: name})
		})
	}
	failed := 0
	for _, row := range []struct {
		direction string
		cold      bool // the pool's connection has died before
		most      int
	}{{"up", false, 2600}, {"down", false, 600}, {"up", true, 7800}, {"down", true, 1800}} {
		for after := 0; after < row.most; after += 101 {
			name := fmt.Sprintf("%s-%t-%d", row.direction, row.cold, after)
			if row.cold {
				c.unplug()
			} else {
				must(t, submit("warm-"+name))
			}
			c.arm(row.direction, after)
			err := submit(name)
			c.arm("", 0)
			// In one look, since the server may be about to commit.
			there := count(t, f, "SELECT (SELECT COUNT(*) FROM audit WHERE subject = '"+name+"') * 10 + (SELECT COUNT(*) FROM submission WHERE file_id = '"+name+"')")
			if there != 11 && (there != 0 || err == nil) {
				t.Errorf("%s: %v, audit rows and claims: %02d", name, err, there)
			}
			if err != nil {
				failed++
				if hub.CodeOf(err) != hub.CodeUnavailable {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
	}
	if failed == 0 {
		t.Error("nothing was cut")
	}
}
