package main

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strconv"

	"kontor/internal/app"
	"kontor/internal/hub"
)

type contactShow struct{ contactArg }

// contactView is a contact with what its bank lets it do.
type contactView struct {
	contactJSON
	MasterDataRead string               `json:"masterDataRead,omitempty"`
	Orders         []hub.PermittedOrder `json:"orders,omitempty"`
	Accounts       []accountView        `json:"accounts,omitempty"`
	KeysExpire     string               `json:"keysExpire,omitempty"` // of the certificates that its keys are in; "" = bare keys
	Polls          []pollJSON           `json:"polls"`
}

// accountView is an account that the bank reaches for the contact; Tenant is whose it is here, "" if it is not set up.
type accountView struct {
	hub.MasterAccount
	Tenant string `json:"tenant,omitempty"`
}

// Run shows the contact.
func (c *contactShow) Run(ctx context.Context, log *slog.Logger) error {
	return c.look(ctx, log, func(h *app.Hub) error {
		k, err := findContact(ctx, h, hub.ContactID(c.Contact))
		if err != nil {
			return err
		}
		view := contactView{contactJSON: asContactJSON(k), Polls: []pollJSON{}}
		polls, err := h.Polls(ctx, k.ID)
		if err != nil {
			return err
		}
		for _, p := range polls {
			view.Polls = append(view.Polls, asPollJSON(p))
		}
		certificates, err := h.Onboard.ContactCertificates(ctx, k.ID)
		if err != nil {
			return err
		}
		if !certificates.Expires.IsZero() {
			view.KeysExpire = stamp(certificates.Expires)
		}
		if k.Master != nil {
			view.MasterDataRead, view.Orders = stamp(k.Master.Read), k.Master.Orders
			if view.Accounts, err = accountsOf(ctx, h, k); err != nil {
				return err
			}
		}
		return c.print(view, func() error { return printContact(view) })
	})
}

func findContact(ctx context.Context, h *app.Hub, id hub.ContactID) (hub.Contact, error) {
	all, err := h.Contacts(ctx)
	if err != nil {
		return hub.Contact{}, err
	}
	at := slices.IndexFunc(all, func(k hub.Contact) bool { return k.ID == id })
	if at < 0 {
		return hub.Contact{}, hub.Errorf(hub.CodeNotFound, "no contact %q", id)
	}
	return all[at], nil
}

// accountsOf says of each account that the bank names whose it is here.
func accountsOf(ctx context.Context, h *app.Hub, k hub.Contact) ([]accountView, error) {
	tenants, err := h.Tenants(ctx)
	if err != nil {
		return nil, err
	}
	owner := map[string]string{}
	for _, t := range tenants {
		if t.State != hub.TenantActive {
			continue
		}
		accounts, err := h.Accounts(ctx, t.ID)
		if err != nil {
			return nil, err
		}
		for _, a := range accounts {
			if a.Contact == k.ID {
				owner[a.IBAN] = t.Handle
			}
		}
	}
	var out []accountView
	for _, a := range k.Master.Accounts {
		out = append(out, accountView{a, owner[a.IBAN]})
	}
	return out, nil
}

func printContact(v contactView) error {
	if err := table([][]string{{"ID", "BANK", "PARTNER", "USER", "STATE"}, {string(v.ID), string(v.Bank), v.PartnerID, v.UserID, string(v.State)}}...); err != nil {
		return err
	}
	if v.KeysExpire != "" {
		fmt.Printf("\nThe certificates of its keys end %s.\n", v.KeysExpire)
	}
	polls := [][]string{{"ASKED FOR", "LAST", "RESULT", "NEXT"}}
	for _, p := range v.Polls {
		polls = append(polls, []string{p.OrderType, p.Last, p.LastResult, p.Next})
	}
	fmt.Println()
	if err := table(polls...); err != nil {
		return err
	}
	if v.MasterDataRead == "" {
		fmt.Println("\nThe bank has not told what the contact may do.")
		return nil
	}
	fmt.Printf("\nWhat the bank permits, as it told %s:\n", v.MasterDataRead)
	orders := [][]string{{"ORDER TYPE", "DIRECTION", "CLASS", "SIGNATURES", "DESCRIPTION"}}
	for _, o := range v.Orders {
		direction := "download"
		if o.Upload {
			direction = "upload"
		}
		orders = append(orders, []string{o.Type, direction, o.Level, strconv.Itoa(o.Signatures), o.Description})
	}
	if err := table(orders...); err != nil {
		return err
	}
	fmt.Println()
	accounts := [][]string{{"ACCOUNT", "CURRENCY", "HOLDER", "TENANT"}}
	for _, a := range v.Accounts {
		name, tenant := a.IBAN, a.Tenant
		if name == "" {
			name = a.Number
		}
		if tenant == "" {
			tenant = "(not set up)"
		}
		accounts = append(accounts, []string{name, a.Currency, a.Holder, tenant})
	}
	return table(accounts...)
}

type contactRefresh struct{ contactArg }

// Run makes the poll for master data due.
func (c *contactRefresh) Run(ctx context.Context, log *slog.Logger) error {
	return c.look(ctx, log, func(h *app.Hub) error {
		polls, err := h.Polls(ctx, hub.ContactID(c.Contact))
		if err != nil {
			return err
		}
		at := slices.IndexFunc(polls, func(p hub.Poll) bool { return p.Kind == hub.PollMaster })
		if at < 0 {
			return hub.Errorf(hub.CodeNotFound, "the bank is not asked what the contact may do, or there is no such contact")
		}
		if err := h.Onboard.PollNow(ctx, operator(), hub.ContactID(c.Contact), polls[at].OrderType, false); err != nil {
			return err
		}
		return c.print(map[string]string{"contact": c.Contact, "orderType": polls[at].OrderType}, func() error {
			fmt.Println("the bank will be asked within seconds")
			return nil
		})
	})
}
