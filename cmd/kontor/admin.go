package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/user"
	"strings"
	"text/tabwriter"
	"time"

	"kontor/internal/app"
	"kontor/internal/config"
	"kontor/internal/hub"
)

// opened is a command that opens the installation.
type opened struct {
	config.Storage
	JSON bool `name:"json" help:"Print JSON."`
}

// with opens the installation for f.
func (o opened) with(ctx context.Context, log *slog.Logger, f func(h *app.Hub) error) (err error) {
	h, err := app.Open(ctx, o.Storage, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	return f(h)
}

// look is with for commands that set nothing up: a folder without an installation, misspelt perhaps, is refused and not made one.
func (o opened) look(ctx context.Context, log *slog.Logger, f func(h *app.Hub) error) error {
	if err := app.Exists(o.Storage); err != nil {
		return err
	}
	return o.with(ctx, log, f)
}

// print writes v as JSON if asked, else lets text write for people.
func (o opened) print(v any, text func() error) error {
	if o.JSON {
		return json.NewEncoder(os.Stdout).Encode(v)
	}
	return text()
}

// table writes rows in aligned columns, the first of them as heading.
func table(rows ...[]string) error {
	w := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	for _, r := range rows {
		if _, err := fmt.Fprintln(w, strings.Join(r, "\t")); err != nil {
			return err
		}
	}
	return w.Flush()
}

// operator is who types.
func operator() hub.Actor {
	if u, err := user.Current(); err == nil {
		return hub.OperatorActor(u.Username)
	}
	return hub.OperatorActor("unknown")
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}

type adminCommand struct {
	Status     statusCommand     `cmd:"" help:"Show what waits, what fails and when it is tried again."`
	Tenant     tenantCommand     `cmd:"" help:"Tenants."`
	Account    accountCommand    `cmd:"" help:"Bank accounts of tenants."`
	Key        keyCommand        `cmd:"" help:"API keys."`
	Directory  directoryCommand  `cmd:"" help:"The list of banks that payment files are compared with."`
	Bank       bankAdmin         `cmd:"" help:"Banks."`
	Contact    contactCommand    `cmd:"" help:"EBICS contacts and their key ceremony."`
	Poll       pollCommand       `cmd:"" help:"What banks are asked for, and when."`
	File       fileCommand       `cmd:"" help:"Payment files."`
	Lease      leaseCommand      `cmd:"" help:"Who has what in hand."`
	Job        jobCommand        `cmd:"" help:"Jobs."`
	Restored   restoredCommand   `cmd:"" help:"Take up work on a database that was restored from a backup: what was on its way becomes unclear."`
	Document   documentCommand   `cmd:"" help:"Documents of banks, and what is wrong with them."`
	Delivery   deliveryCommand   `cmd:"" help:"Deliveries of banks that are not split to their owners: above all those that could not be read."`
	Quarantine quarantineCommand `cmd:"" help:"Deliveries of banks that belong to nobody known."`
}

type tenantCommand struct {
	Add        tenantAdd        `cmd:"" help:"Add a tenant with a certificate and keys of its own."`
	List       tenantList       `cmd:"" help:"List tenants."`
	Show       tenantShow       `cmd:"" help:"Show a tenant with its accounts and how many files are in which state."`
	Set        tenantSet        `cmd:"" help:"Change a tenant's settings."`
	Checks     tenantChecks     `cmd:"" help:"Show or change how a tenant's payment files are verified."`
	DestroyKey tenantDestroyKey `cmd:"" name:"destroy-key" help:"Destroy a tenant's certificate key: everything of it, also in backups, becomes unreadable for ever."`
}

type tenantJSON struct {
	ID       hub.TenantID       `json:"id"`
	Handle   string             `json:"handle"`
	Name     string             `json:"name"`
	State    hub.TenantState    `json:"state"`
	Settings hub.TenantSettings `json:"settings"`
	Created  string             `json:"created"`
}

func asTenantJSON(t hub.Tenant) tenantJSON {
	return tenantJSON{t.ID, t.Handle, t.Name, t.State, t.Settings, stamp(t.Created)}
}

type tenantAdd struct {
	opened
	Handle string `arg:"" help:"Short name: lower-case letters, digits, hyphens."`
	Name   string `help:"Name of the company." required:""`
	Window int    `name:"double-submission-hours" help:"Hours within which the same file is refused, 1 to 48; default is 24."`
}

// Run adds the tenant.
func (c *tenantAdd) Run(ctx context.Context, log *slog.Logger) error {
	return c.with(ctx, log, func(h *app.Hub) error {
		t, err := h.Onboard.AddTenant(ctx, operator(), c.Handle, c.Name, hub.TenantSettings{DoubleSubmissionHours: c.Window})
		if err != nil {
			return err
		}
		return c.print(asTenantJSON(t), func() error {
			fmt.Printf("tenant %s (%s) added\n", t.Handle, t.ID)
			return nil
		})
	})
}

type tenantList struct{ opened }

// Run lists tenants.
func (c *tenantList) Run(ctx context.Context, log *slog.Logger) error {
	return c.look(ctx, log, func(h *app.Hub) error {
		all, err := h.Tenants(ctx)
		if err != nil {
			return err
		}
		list, rows := []tenantJSON{}, [][]string{{"HANDLE", "ID", "STATE", "NAME"}}
		for _, t := range all {
			list = append(list, asTenantJSON(t))
			rows = append(rows, []string{t.Handle, string(t.ID), string(t.State), t.Name})
		}
		return c.print(map[string]any{"tenants": list}, func() error { return table(rows...) })
	})
}

type tenantSet struct {
	opened
	Tenant string `arg:"" help:"Handle or id."`
	Window int    `name:"double-submission-hours" help:"Hours within which the same file is refused, 1 to 48; 0 is the default of 24."`
}

// Run changes the settings.
func (c *tenantSet) Run(ctx context.Context, log *slog.Logger) error {
	return c.look(ctx, log, func(h *app.Hub) error {
		t, err := h.Tenant(ctx, c.Tenant)
		if err != nil {
			return err
		}
		t, err = h.Onboard.ChangeTenantSettings(ctx, operator(), t.ID, func(s *hub.TenantSettings) error {
			s.DoubleSubmissionHours = c.Window
			return nil
		})
		if err != nil {
			return err
		}
		return c.print(asTenantJSON(t), func() error {
			fmt.Printf("tenant %s: same files are refused within %s\n", t.Handle, t.Settings.DoubleSubmissionWindow())
			return nil
		})
	})
}

type tenantDestroyKey struct {
	opened
	Tenant string `arg:"" help:"Handle or id."`
	Yes    bool   `help:"Really: this cannot be undone." required:"" env:"-"`
}

// Run destroys the key.
func (c *tenantDestroyKey) Run(ctx context.Context, log *slog.Logger) error {
	return c.look(ctx, log, func(h *app.Hub) error {
		t, err := h.Tenant(ctx, c.Tenant)
		if err != nil {
			return err
		}
		if err := h.Onboard.DestroyTenantKey(ctx, operator(), t.ID); err != nil {
			return err
		}
		t.State = hub.TenantDestroyed
		return c.print(asTenantJSON(t), func() error {
			fmt.Printf("the key of tenant %s is destroyed\n", t.Handle)
			return nil
		})
	})
}

type accountCommand struct {
	Add       accountAdd       `cmd:"" help:"Add an account, reached through a contact."`
	List      accountList      `cmd:"" help:"List a tenant's accounts."`
	Agreement accountAgreement `cmd:"" help:"Make the form by which an account holder lets the operator, as a service bureau, work for the account."`
}

type accountJSON struct {
	ID       hub.AccountID `json:"id"`
	Contact  hub.ContactID `json:"contact"`
	IBAN     string        `json:"iban"`
	Currency string        `json:"currency"`
	Holder   string        `json:"holder"`
	Created  string        `json:"created"`
}

func asAccountJSON(a hub.Account) accountJSON {
	return accountJSON{a.ID, a.Contact, a.IBAN, a.Currency, a.Holder, stamp(a.Created)}
}

type accountAdd struct {
	opened
	Tenant   string `help:"Handle or id." required:""`
	Contact  string `help:"Contact through which it is reached." required:""`
	IBAN     string `name:"iban" help:"IBAN." required:""`
	Currency string `help:"ISO 4217 code." default:"EUR"`
	Holder   string `help:"Name of the holder; default is the tenant's."`
}

// Run adds the account.
func (c *accountAdd) Run(ctx context.Context, log *slog.Logger) error {
	return c.with(ctx, log, func(h *app.Hub) error {
		t, err := h.Tenant(ctx, c.Tenant)
		if err != nil {
			return err
		}
		if c.Holder == "" {
			c.Holder = t.Name
		}
		a, err := h.Onboard.AddAccount(ctx, operator(), hub.Account{
			Tenant: t.ID, Contact: hub.ContactID(c.Contact), IBAN: c.IBAN, Currency: c.Currency, Holder: c.Holder,
		})
		if err != nil {
			return err
		}
		return c.print(asAccountJSON(a), func() error {
			fmt.Printf("account %s of tenant %s added\n", a.IBAN, t.Handle)
			return nil
		})
	})
}

type accountList struct {
	opened
	Tenant string `help:"Handle or id." required:""`
}

// Run lists accounts.
func (c *accountList) Run(ctx context.Context, log *slog.Logger) error {
	return c.look(ctx, log, func(h *app.Hub) error {
		t, err := h.Tenant(ctx, c.Tenant)
		if err != nil {
			return err
		}
		all, err := h.Accounts(ctx, t.ID)
		if err != nil {
			return err
		}
		list, rows := []accountJSON{}, [][]string{{"IBAN", "CURRENCY", "HOLDER", "CONTACT", "ID"}}
		for _, a := range all {
			list = append(list, asAccountJSON(a))
			rows = append(rows, []string{a.IBAN, a.Currency, a.Holder, string(a.Contact), string(a.ID)})
		}
		return c.print(map[string]any{"accounts": list}, func() error { return table(rows...) })
	})
}
