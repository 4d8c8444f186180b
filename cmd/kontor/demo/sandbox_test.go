package demo

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"kontor/sandbox/bank"
)

// The control API is spoken here and answered in sandbox/bank; this holds the two together.
func TestSandboxBankHasWhatTheStoryNeeds(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	lines, out := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := bank.Run(ctx, bank.Options{Data: t.TempDir(), HostID: "SANDBOX", Seed: 1, Stdout: out, Now: time.Now})
		ended <- errors.Join(err, out.CloseWithError(io.ErrUnexpectedEOF))
	}()
	defer func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	line, err := bufio.NewReader(lines).ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	var ready bankReady
	if err := json.Unmarshal(line, &ready); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(checkLoopback(ready.URL), checkLoopback(ready.Control)); err != nil {
		t.Fatal(err)
	}
	client, err := trusting(ready.CA)
	if err != nil {
		t.Fatal(err)
	}
	c := &control{base: ready.Control, http: client}
	state, err := c.state(ctx)
	if err != nil {
		t.Fatal(err)
	}
	who, err := choose(state)
	if err != nil {
		t.Fatal(err)
	}
	for _, version := range []string{"X002", "E002"} {
		if _, err := hash(state.Hashes[version]); err != nil {
			t.Errorf("published hash of %s: %v", version, err)
		}
	}
	account := newAccount{
		IBAN: fakeIBAN(), Currency: "EUR", Owner: "Own GmbH", OpeningBalance: "1000.00",
		HolderPartner: who.Account.HolderPartner, BureauPartner: who.Transport.Partner,
	}
	if err := errors.Join(c.openAccount(ctx, account), c.openAccount(ctx, account)); err != nil {
		t.Errorf("opening an account twice: %v", err)
	}
	if orders, err := c.orders(ctx); err != nil || len(orders) != 0 {
		t.Errorf("orders %v, %v", orders, err)
	}
	_, err = c.release(ctx, who.Transport.Partner, "A001", who.A)
	if refused, ok := errors.AsType[*bankRefusal](err); !ok || refused.HTTP != http.StatusNotFound || refused.Text == "" {
		t.Errorf("release of an order that is not there: %v", err)
	}
	err = c.activate(ctx, who.Transport.Partner, who.Transport.User, map[string]string{"A006": strings.Repeat("00", 32)})
	if refused, ok := errors.AsType[*bankRefusal](err); !ok || refused.HTTP != http.StatusConflict {
		t.Errorf("activation without keys: %v", err)
	}
	if err := c.advance(ctx, 1); err != nil {
		t.Error(err)
	}
}
