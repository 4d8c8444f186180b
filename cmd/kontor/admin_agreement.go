package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"kontor/folder"
	"kontor/internal/app"
	"kontor/internal/hub"
)

// accountAgreement is for accounts that are reached through the operator's own contact.
type accountAgreement struct {
	opened
	Account  string `arg:"" help:"IBAN or id of the account."`
	Tenant   string `help:"Handle or id." required:""`
	PDF      string `name:"pdf" help:"Write pages to print and sign to this new file, instead of showing the form as text." type:"path" placeholder:"FILE" env:"-"`
	Language string `help:"de, en, fr or sv." default:"en" enum:"de,en,fr,sv"`

	Bureau  string `help:"Name of the service bureau that runs this installation; default is a line to write on."`
	Address string `name:"bureau-address" help:"Its address, in one line; default is a line to write on."`

	CreditTransfers bool `name:"credit-transfers" help:"It may submit credit transfers." default:"true" negatable:"" env:"-"`
	DirectDebits    bool `name:"direct-debits" help:"It may submit direct debits." env:"-"`
	Statements      bool `help:"It may collect statements and reports." default:"true" negatable:"" env:"-"`
}

// Run makes the form.
func (c *accountAgreement) Run(ctx context.Context, log *slog.Logger) error {
	return c.look(ctx, log, func(h *app.Hub) error {
		t, err := h.Tenant(ctx, c.Tenant)
		if err != nil {
			return err
		}
		id, err := accountID(ctx, h, t.ID, c.Account)
		if err != nil {
			return err
		}
		form := hub.AgreementForm{
			Language: c.Language, Bureau: c.Bureau, BureauAddress: c.Address,
			CreditTransfers: c.CreditTransfers, DirectDebits: c.DirectDebits, Statements: c.Statements,
		}
		var text strings.Builder
		if err := h.Onboard.Agreement(ctx, &text, t.ID, id, form); err != nil {
			return err
		}
		form.PDF = true
		err = pages(c.PDF, func(w io.Writer) error { return h.Onboard.Agreement(ctx, w, t.ID, id, form) })
		if err != nil {
			return err
		}
		return c.print(map[string]any{"text": text.String(), "pdf": c.PDF}, func() error {
			showPaper(text.String(), c.PDF, "have the account holder sign it and give it to the bank")
			return nil
		})
	})
}

// accountID finds an account of a tenant by IBAN, with blanks or without, or id.
func accountID(ctx context.Context, h *app.Hub, tenant hub.TenantID, text string) (hub.AccountID, error) {
	all, err := h.Accounts(ctx, tenant)
	if err != nil {
		return "", err
	}
	for _, a := range all {
		if string(a.ID) == text || a.IBAN == strings.ToUpper(strings.ReplaceAll(text, " ", "")) {
			return a.ID, nil
		}
	}
	return "", hub.Errorf(hub.CodeNotFound, "no account %q of this tenant", text)
}

// pages writes a new file, if one is wanted.
func pages(path string, write func(io.Writer) error) error {
	if path == "" {
		return nil
	}
	return folder.WriteNew(path, write)
}

// showPaper prints a paper as text, or where its pages are and what is done with them.
func showPaper(text, file, next string) {
	if file == "" {
		fmt.Print(text)
		return
	}
	fmt.Printf("%s written: %s\n", file, next)
}
