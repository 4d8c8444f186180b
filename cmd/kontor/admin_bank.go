package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"

	"kontor/internal/app"
	"kontor/internal/hub"
)

type bankAdmin struct {
	Add  bankAdd  `cmd:"" help:"Add a bank."`
	List bankList `cmd:"" help:"List banks."`
	Set  bankSet  `cmd:"" help:"Change what is known of a bank's ways; what is not named stays, the word default takes a setting back."`
	Move bankMove `cmd:"" help:"Change a bank's address."`

	Versions bankVersions `cmd:"" help:"Ask a bank's server which versions of EBICS it offers (HEV)."`
}

type bankJSON struct {
	ID      hub.BankID      `json:"id"`
	Name    string          `json:"name"`
	URL     string          `json:"url"`
	HostID  string          `json:"hostId"`
	Profile hub.BankProfile `json:"profile"`
}

func asBankJSON(b hub.Bank) bankJSON { return bankJSON{b.ID, b.Name, b.URL, b.HostID, b.Profile} }

type bankAdd struct {
	opened
	ID     string `arg:"" help:"Short name: lower-case letters, digits, hyphens."`
	Name   string `help:"Name of the bank." required:""`
	URL    string `name:"url" help:"Address of its EBICS server." required:""`
	HostID string `name:"host-id" help:"EBICS host id." required:""`
	CA     string `name:"ca" help:"Certificate (PEM) that its server's certificate must come from; default is the system's." type:"existingfile" placeholder:"FILE"`
	bankProfile
}

// bankProfile are the flags of a bank's profile.
type bankProfile struct {
	Upload     map[string]string `help:"Order attribute of uploads by order type, for example CCT=OZHNN,CDD=DZHNN: OZHNN waits for the account holder in the VEU (default), DZHNN is released outside EBICS." placeholder:"TYPE=ATTRIBUTE" mapsep:","`
	Signature  string            `help:"Version of order signatures of new contacts; default A006." enum:",default,A005,A006" default:""`
	Master     string            `help:"Order type that tells a contact's permitted orders and accounts; default HTD, - for none." placeholder:"TYPE"`
	Status     []string          `help:"Order types of payment status reports; default CRZ, and CDZ where the bank says that it permits it; - for none."`
	Statement  []string          `help:"Order types of statements; default C53."`
	Confirming []string          `help:"ISO statuses besides ACSC and ACCC that this bank means as executed."`
	Protocol   string            `help:"Version of EBICS to speak; default H004. H005 (EBICS 3.0) sends the keys of contacts in certificates." enum:",default,H003,H004,H005" default:""`
	BankDigest string            `name:"bank-digest" help:"What requests name the bank's keys by in H005: the digest of the certificate or of the key; default is what the bank's ways say, else the certificate." enum:",default,key,certificate" default:""`
	Ways       string            `help:"Public profile of the bank, by which orders are named (see the reference of bank profiles); default is the generic one." placeholder:"PROFILE"`
	Pin        []string          `help:"SHA-256 (hex) of a public key (SubjectPublicKeyInfo) that the chain of the server's TLS certificate must have; several name the next ones too." placeholder:"SHA256"`
}

// byDefault takes back what a profile said.
const byDefault = "default"

// over returns a profile with what the flags say in place of what it said.
func (p bankProfile) over(b hub.BankProfile) hub.BankProfile {
	if len(p.Upload) > 0 {
		all := hub.Attributes{}
		maps.Copy(all, b.UploadAttributes)
		maps.Copy(all, p.Upload)
		b.UploadAttributes = all
	}
	b.SignatureVersion = cmp.Or(p.Signature, b.SignatureVersion)
	b.MasterOrder = cmp.Or(p.Master, b.MasterOrder)
	b.ProtocolVersion = cmp.Or(p.Protocol, b.ProtocolVersion)
	b.BankDigest = cmp.Or(p.BankDigest, b.BankDigest)
	b.Ways = cmp.Or(p.Ways, b.Ways)
	for _, list := range []struct {
		said []string
		into *[]string
	}{{p.Status, &b.StatusOrders}, {p.Statement, &b.StatementOrders}, {p.Confirming, &b.ConfirmingStatuses}, {plainPins(p.Pin), &b.Pins}} {
		switch {
		case len(list.said) == 1 && list.said[0] == byDefault:
			*list.into = nil
		case len(list.said) > 0:
			*list.into = list.said
		}
	}
	for _, setting := range []*string{&b.MasterOrder, &b.ProtocolVersion, &b.BankDigest, &b.Ways} {
		if *setting == byDefault {
			*setting = ""
		}
	}
	return b
}

// plainPins takes digests as tools print them: in either case, with colons.
func plainPins(said []string) (out []string) {
	for _, pin := range said {
		out = append(out, strings.ToLower(strings.ReplaceAll(pin, ":", "")))
	}
	return out
}

type bankVersions struct {
	opened
	URL    string   `arg:"" name:"url" help:"Address of its EBICS server."`
	HostID string   `name:"host-id" help:"EBICS host id." required:""`
	CA     string   `name:"ca" help:"Certificate (PEM) that its server's certificate must come from; default is the system's." type:"existingfile" placeholder:"FILE"`
	Pin    []string `help:"SHA-256 (hex) of a public key that the chain of the server's TLS certificate must have." placeholder:"SHA256"`
}

// Run asks the bank. It needs no installation.
func (c *bankVersions) Run(ctx context.Context) error {
	ca, err := readText(c.CA)
	if err != nil {
		return err
	}
	versions, err := app.BankVersions(ctx, hub.Bank{URL: c.URL, HostID: c.HostID, CA: ca, Profile: hub.BankProfile{Pins: plainPins(c.Pin)}})
	if err != nil {
		return explained(err)
	}
	return c.print(map[string][]string{"versions": versions}, func() error {
		fmt.Println(strings.Join(versions, " "))
		return nil
	})
}

type bankSet struct {
	opened
	ID string `arg:"" help:"Short name."`
	bankProfile
}

// Run changes the profile.
func (c *bankSet) Run(ctx context.Context, log *slog.Logger) error {
	return c.look(ctx, log, func(h *app.Hub) error {
		all, err := h.Banks(ctx)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(all, func(b hub.Bank) bool { return string(b.ID) == c.ID })
		if at < 0 {
			return hub.Errorf(hub.CodeNotFound, "no bank %q", c.ID)
		}
		b := all[at]
		b.Profile = c.over(b.Profile)
		if err := h.Onboard.SetBankProfile(ctx, operator(), b.ID, b.Profile); err != nil {
			return err
		}
		return c.print(asBankJSON(b), func() error {
			fmt.Printf("bank %s changed\n", b.ID)
			return nil
		})
	})
}

// Run adds the bank.
func (c *bankAdd) Run(ctx context.Context, log *slog.Logger) error {
	ca, err := readText(c.CA)
	if err != nil {
		return err
	}
	return c.with(ctx, log, func(h *app.Hub) error {
		b, err := h.Onboard.AddBank(ctx, operator(), hub.Bank{
			ID: hub.BankID(c.ID), Name: c.Name, URL: c.URL, HostID: c.HostID, CA: ca,
			Profile: c.over(hub.BankProfile{}),
		})
		if err != nil {
			return err
		}
		return c.print(asBankJSON(b), func() error {
			fmt.Printf("bank %s added\n", b.ID)
			return nil
		})
	})
}

func readText(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	text, err := os.ReadFile(path)
	return string(text), err
}

type bankMove struct {
	opened
	ID  string `arg:"" help:"Short name."`
	URL string `name:"url" help:"New address." required:""`
	CA  string `name:"ca" help:"Certificate (PEM) that its server's certificate must come from; default is the system's." type:"existingfile" placeholder:"FILE"`
}

// Run changes the address.
func (c *bankMove) Run(ctx context.Context, log *slog.Logger) error {
	ca, err := readText(c.CA)
	if err != nil {
		return err
	}
	return c.with(ctx, log, func(h *app.Hub) error {
		if err := h.Onboard.MoveBank(ctx, operator(), hub.BankID(c.ID), c.URL, ca); err != nil {
			return err
		}
		return c.print(map[string]string{"id": c.ID, "url": c.URL}, func() error {
			fmt.Printf("bank %s is at %s now\n", c.ID, c.URL)
			return nil
		})
	})
}

type bankList struct{ opened }

// Run lists banks.
func (c *bankList) Run(ctx context.Context, log *slog.Logger) error {
	return c.look(ctx, log, func(h *app.Hub) error {
		all, err := h.Banks(ctx)
		if err != nil {
			return err
		}
		list, rows := []bankJSON{}, [][]string{{"ID", "NAME", "HOST ID", "URL"}}
		for _, b := range all {
			list = append(list, asBankJSON(b))
			rows = append(rows, []string{string(b.ID), b.Name, b.HostID, b.URL})
		}
		return c.print(map[string]any{"banks": list}, func() error { return table(rows...) })
	})
}

type pollCommand struct {
	Now  pollNow  `cmd:"" help:"Have a bank asked at once."`
	List pollList `cmd:"" help:"List what a contact's bank is asked for, when, and what came of it."`
}

type pollNow struct {
	opened
	Contact   string `help:"Id of the contact." required:""`
	OrderType string `name:"order-type" help:"One order type; default is all."`
	Force     bool   `help:"Ask once also for what the bank has said it does not permit, or has not told about."`
}

// Run makes polls due.
func (c *pollNow) Run(ctx context.Context, log *slog.Logger) error {
	return c.look(ctx, log, func(h *app.Hub) error {
		if err := h.Onboard.PollNow(ctx, operator(), hub.ContactID(c.Contact), c.OrderType, c.Force); err != nil {
			return err
		}
		return c.print(map[string]string{"contact": c.Contact, "orderType": c.OrderType}, func() error {
			fmt.Println("the bank will be asked within seconds")
			return nil
		})
	})
}

type pollList struct {
	opened
	Contact string `help:"Id of the contact; default is all."`
}

type pollJSON struct {
	Contact    hub.ContactID `json:"contact"`
	OrderType  string        `json:"orderType"`
	Kind       hub.PollKind  `json:"kind"`
	Next       string        `json:"next"`
	Last       string        `json:"last,omitempty"`
	LastResult string        `json:"lastResult,omitempty"`
}

func asPollJSON(p hub.Poll) pollJSON {
	return pollJSON{p.Contact, p.OrderType, p.Kind, stamp(p.Next), stamp(p.Last), p.LastResult}
}

// Run lists polls.
func (c *pollList) Run(ctx context.Context, log *slog.Logger) error {
	return c.look(ctx, log, func(h *app.Hub) error {
		all, err := h.Polls(ctx, hub.ContactID(c.Contact))
		if err != nil {
			return err
		}
		list, rows := []pollJSON{}, [][]string{{"CONTACT", "ORDER TYPE", "KIND", "LAST", "RESULT", "NEXT"}}
		for _, p := range all {
			list = append(list, asPollJSON(p))
			rows = append(rows, []string{string(p.Contact), p.OrderType, string(p.Kind), stamp(p.Last), p.LastResult, stamp(p.Next)})
		}
		return c.print(map[string]any{"polls": list}, func() error { return table(rows...) })
	})
}
