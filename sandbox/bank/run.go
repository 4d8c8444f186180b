// Package bank is a bank on a laptop: it speaks EBICS as a bank does, keeps
// accounts, lets account holders release orders (VEU), writes protocols, status
// reports and statements, and is steered over a control API. It is a
// counterpart for trying out and for tests; it moves no money.
//
// What it does on purpose:
//   - It does not look for duplicates: whoever sends an order twice pays twice.
//   - A creditor account whose IBAN ends in NoAccountSuffix does not exist:
//     payments to it are rejected with AC01.
//   - Direct debits fail by the end of the debtor's IBAN: NoAccountSuffix AC01,
//     ClosedSuffix AC04, NoMandateSuffix MD01, NoMoneySuffix AM04, RefusedSuffix
//     MS03. One from an account that ends in ReturnedSuffix is collected, and
//     given back on the next business day: MD06 (CORE) or MS03 (B2B).
//   - A partner may have agreed with the bank that an order type is released
//     outside EBICS (DZHNN): such orders are executed as soon as they are in, as
//     if their accompanying note had come before. No agreement means OZHNN.
//   - Accepted orders are executed at once, on the bank's own business date,
//     whatever date they ask for and even if the account is overdrawn. Only the
//     control API moves the business date.
//   - A payment that its books cannot hold (int64 minor units) is rejected with
//     AM02.
//   - A payment in another currency than the debtor's account is rejected with
//     AM03, and so is one to an account at this bank in another currency.
package bank

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"kontor/ebics"
	"kontor/ebics/server"
	"kontor/folder"
	"kontor/loopback"
	"kontor/sandbox/bank/books"
)

// NoAccountSuffix ends the IBANs of accounts that do not exist anywhere.
const NoAccountSuffix = "00404"

// Ends of IBANs from which direct debits fail.
const (
	NoMandateSuffix = "00401" // the debtor has given no mandate
	NoMoneySuffix   = "00402" // the balance is not sufficient
	RefusedSuffix   = "00403" // the debtor's bank gives no reason
	ReturnedSuffix  = "00409" // collected, and given back on the next business day
	ClosedSuffix    = "00410" // the account is closed
)

// Defaults of Options.
const (
	DefaultListen = "127.0.0.1:0"
	DefaultHostID = "SANDBOX"
	// DefaultMaxOrder has room for a million payments.
	DefaultMaxOrder = 512 << 20
)

// stopTime is how long requests may still run when the bank stops.
const stopTime = 4 * time.Second

// Options of Run.
type Options struct {
	Listen    string            // address; only loopback is accepted; "" = DefaultListen
	Data      string            // folder for books and keys; made if missing; one bank at a time
	HostID    string            // EBICS host id; "" = DefaultHostID; kept from the first start on
	Seed      int64             // decides ids, names, accounts and amounts of the sample data at the first start
	Open      bool              // accept unknown subscribers, and activate all once INI and HIA are in, also those who wait since an earlier start
	PlainHTTP bool              // no TLS
	Outside   []ebics.OrderType // sample data at the first start: order types of BureauPartner that are released outside EBICS; none is the default
	MaxOrder  int64             // bytes of an order, decompressed; 0 = DefaultMaxOrder
	Segment   int               // base64 characters of a download's segments, a multiple of 4; 0 = 500,000
	Stdout    io.Writer         // gets the ready line, one compact JSON document; nil = nowhere
	Logger    *slog.Logger      // nil = none
	Now       func() time.Time  // the clock; required
}

// Ready is the line that Run writes when it accepts requests.
type Ready struct {
	URL      string         `json:"url"`
	Control  string         `json:"control"`
	HostID   string         `json:"hostId"`
	CA       string         `json:"ca"` // path of the certificate to trust; "" with PlainHTTP
	Partners []ReadyPartner `json:"partners"`
}

// ReadyPartner is one partner in the ready line.
type ReadyPartner struct {
	PartnerID ebics.PartnerID `json:"partnerId"`
	Users     []ReadyUser     `json:"users"`
}

// ReadyUser is one user in the ready line.
type ReadyUser struct {
	UserID ebics.UserID `json:"userId"`
	Class  string       `json:"class"`
}

// bank is the running bank; it implements server.Bank.
type bank struct {
	books  *books.Books
	keys   ebics.BankKeys
	host   ebics.HostID
	url    string // for HPD
	open   bool
	now    func() time.Time
	logger *slog.Logger
	faults faults
	expire func(context.Context) // ends the transactions of the server that have timed out
}

// Run runs the bank until ctx ends, then stops within five seconds and returns
// nil. Everything it knows survives a restart with the same data folder, also
// after kill -9.
func Run(ctx context.Context, o Options) error {
	if o.Now == nil || o.Data == "" {
		return errors.New("sandbox bank: a clock and a data folder are needed")
	}
	if o.MaxOrder < 0 {
		return fmt.Errorf("sandbox bank: orders of at most %d bytes: want a positive number", o.MaxOrder)
	}
	if o.Listen == "" {
		o.Listen = DefaultListen
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Stdout == nil {
		o.Stdout = io.Discard
	}
	if err := os.MkdirAll(o.Data, 0o700); err != nil {
		return fmt.Errorf("sandbox bank: %w", err)
	}
	unlock, err := folder.Lock(filepath.Join(o.Data, "lock"))
	if err != nil {
		return fmt.Errorf("sandbox bank: another bank has its books in this folder: %w", err)
	}
	defer unlock()
	b, err := openBank(ctx, o)
	if err != nil {
		return fmt.Errorf("sandbox bank: %w", err)
	}
	return errors.Join(b.serve(ctx, o), b.books.Close())
}

// openBank opens books and keys, making them at the first start.
func openBank(ctx context.Context, o Options) (*bank, error) {
	keys, err := loadBankKeys(filepath.Join(o.Data, "bank-keys.json"))
	if err != nil {
		return nil, err
	}
	kept, err := books.Open(ctx, filepath.Join(o.Data, "books.sqlite"))
	if err != nil {
		return nil, err
	}
	b := &bank{books: kept, keys: keys, open: o.Open, now: o.Now, logger: o.Logger}
	if err := kept.Do(ctx, func(tx *books.Tx) error {
		if err := b.identify(ctx, tx, o); err != nil {
			return err
		}
		if err := b.activateWaiting(ctx, tx); err != nil {
			return err
		}
		return b.abortOpen(ctx, tx)
	}); err != nil {
		return nil, errors.Join(err, kept.Close())
	}
	return b, nil
}

// identify fills empty books, and sees that host id and data folder fit.
func (b *bank) identify(ctx context.Context, tx *books.Tx, o Options) error {
	known, err := tx.Fact(ctx, factHost)
	if err != nil {
		return err
	}
	wanted := o.HostID
	if wanted == "" {
		if wanted = known; known == "" {
			wanted = DefaultHostID
		}
	}
	if b.host, err = ebics.ParseHostID(wanted); err != nil {
		return err
	}
	if known == "" {
		return b.found(ctx, tx, o.Seed, o.Outside...)
	}
	if known != wanted {
		return fmt.Errorf("the data folder belongs to host id %s, not %s", known, wanted)
	}
	return nil
}

// serve listens, says so, and answers until ctx ends.
func (b *bank) serve(ctx context.Context, o Options) error {
	listener, err := listenLoopback(ctx, o.Listen)
	if err != nil {
		return fmt.Errorf("sandbox bank: %w", err)
	}
	base, ca := "http://"+listener.Addr().String(), ""
	mux := http.NewServeMux()
	engine := server.New(b, server.Options{Now: o.Now, Logger: o.Logger, MaxOrderData: cmp.Or(o.MaxOrder, DefaultMaxOrder), SegmentSize: o.Segment})
	b.expire = engine.Expire
	mux.Handle("/ebics", b.faults.misbehaving(engine, ctx.Done()))
	b.controlRoutes(mux)
	web := &http.Server{
		Handler: loopbackOnly(mux), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10,
		ErrorLog: slog.NewLogLogger(o.Logger.Handler(), slog.LevelDebug),
	}
	if !o.PlainHTTP {
		base = "https://" + listener.Addr().String()
		if web.TLSConfig, ca, err = loopback.TLS(o.Data, "Kontor sandbox bank", listener.Addr(), o.Now()); err != nil {
			return errors.Join(fmt.Errorf("sandbox bank: %w", err), listener.Close())
		}
	}
	b.url = base + "/ebics"
	done := make(chan error, 1)
	go func() {
		if o.PlainHTTP {
			done <- web.Serve(listener)
		} else {
			done <- web.ServeTLS(listener, "", "")
		}
	}()
	ready, err := b.ready(ctx, base, ca)
	if err == nil {
		_, err = fmt.Fprintf(o.Stdout, "%s\n", ready)
	}
	if err == nil {
		select {
		case <-ctx.Done():
		case err = <-done:
			return fmt.Errorf("sandbox bank: %w", err)
		}
	}
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	if shut := web.Shutdown(limit); shut != nil {
		err = errors.Join(err, web.Close()) // what still ran is cut off; the books are consistent at any moment
	}
	if served := <-done; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

func (b *bank) ready(ctx context.Context, base, ca string) ([]byte, error) {
	line := Ready{URL: base + "/ebics", Control: base + "/control", HostID: string(b.host), CA: ca, Partners: []ReadyPartner{}}
	err := b.books.Do(ctx, func(tx *books.Tx) error {
		partners, err := tx.Partners(ctx)
		if err != nil {
			return err
		}
		users, err := tx.Users(ctx)
		if err != nil {
			return err
		}
		for _, id := range partners {
			p := ReadyPartner{PartnerID: id, Users: []ReadyUser{}}
			for _, u := range users {
				if u.Partner == id {
					p.Users = append(p.Users, ReadyUser{u.User, string(u.Class)})
				}
			}
			line.Partners = append(line.Partners, p)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return json.Marshal(line)
}

// listenLoopback refuses every address that another machine could reach.
func listenLoopback(ctx context.Context, address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("listen address: %w", err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("listen address %q: the sandbox bank listens on loopback only", address)
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	if bound, ok := listener.Addr().(*net.TCPAddr); !ok || !bound.IP.IsLoopback() {
		return nil, errors.Join(fmt.Errorf("listen address %q is not loopback", address), listener.Close())
	}
	return listener, nil
}

// loopbackOnly refuses requests that a web page in somebody's browser may have
// caused: for another host name, or with an Origin.
func loopbackOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		if ip := net.ParseIP(host); r.Header.Get("Origin") != "" || host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			http.Error(w, "loopback only", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}
