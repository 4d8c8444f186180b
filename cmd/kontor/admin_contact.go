package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"kontor/internal/app"
	"kontor/internal/hub"
)

type contactCommand struct {
	Add       contactAdd     `cmd:"" help:"Add a contact with new keys."`
	List      contactList    `cmd:"" help:"List contacts."`
	Show      contactShow    `cmd:"" help:"Show a contact, and what its bank lets it do."`
	Refresh   contactRefresh `cmd:"" help:"Have the bank asked at once what the contact may do."`
	Init      contactInit    `cmd:"" help:"Send the contact's keys to the bank (INI, HIA)."`
	Letter    contactLetter  `cmd:"" help:"Print the letter by which the bank recognises the keys."`
	FetchKeys contactFetch   `cmd:"" name:"fetch-keys" help:"Fetch the bank's keys (HPB) and show their hashes."`
	Confirm   contactConfirm `cmd:"" help:"Confirm the bank's keys by the hashes that the bank has published."`
}

type contactJSON struct {
	ID                 hub.ContactID    `json:"id"`
	Owner              hub.Owner        `json:"owner,omitempty"`
	Bank               hub.BankID       `json:"bank,omitempty"`
	PartnerID          string           `json:"partnerId,omitempty"`
	UserID             string           `json:"userId,omitempty"`
	State              hub.ContactState `json:"state"`
	AuthenticationHash string           `json:"authenticationHash,omitempty"`
	EncryptionHash     string           `json:"encryptionHash,omitempty"`
}

func asContactJSON(c hub.Contact) contactJSON {
	return contactJSON{ID: c.ID, Owner: c.Owner, Bank: c.Bank, PartnerID: c.PartnerID, UserID: c.UserID, State: c.State}
}

type contactAdd struct {
	opened
	Bank    string `help:"Short name of the bank." required:""`
	Partner string `help:"EBICS partner id." required:""`
	User    string `help:"EBICS user id." required:""`
	Tenant  string `help:"Handle or id of the tenant whose own contact it is; default is the operator's (service bureau)."`

	Signature string `help:"Version of its order signatures; default is what the bank's profile says." enum:",A005,A006" default:""`
}

// Run adds the contact.
func (c *contactAdd) Run(ctx context.Context, log *slog.Logger) error {
	return c.with(ctx, log, func(h *app.Hub) error {
		owner := hub.Operator
		if c.Tenant != "" {
			t, err := h.Tenant(ctx, c.Tenant)
			if err != nil {
				return err
			}
			owner = t.ID.Owner()
		}
		added, err := h.Onboard.AddContact(ctx, operator(), hub.NewContact{
			Owner: owner, Bank: hub.BankID(c.Bank), PartnerID: c.Partner, UserID: c.User, Signature: c.Signature,
		})
		if err != nil {
			return err
		}
		return c.print(asContactJSON(added), func() error {
			fmt.Printf("contact %s added. Next: kontor admin contact init %s\n", added.ID, added.ID)
			return nil
		})
	})
}

type contactList struct{ opened }

// Run lists contacts.
func (c *contactList) Run(ctx context.Context, log *slog.Logger) error {
	return c.look(ctx, log, func(h *app.Hub) error {
		all, err := h.Contacts(ctx)
		if err != nil {
			return err
		}
		list, rows := []contactJSON{}, [][]string{{"ID", "BANK", "PARTNER", "USER", "STATE", "OWNER"}}
		for _, k := range all {
			list = append(list, asContactJSON(k))
			rows = append(rows, []string{string(k.ID), string(k.Bank), k.PartnerID, k.UserID, string(k.State), string(k.Owner)})
		}
		return c.print(map[string]any{"contacts": list}, func() error { return table(rows...) })
	})
}

// contactArg names one contact.
type contactArg struct {
	opened
	Contact string `arg:"" help:"Id of the contact."`
}

type contactInit struct{ contactArg }

// Run sends INI and HIA.
func (c *contactInit) Run(ctx context.Context, log *slog.Logger) error {
	return c.look(ctx, log, func(h *app.Hub) error {
		k, err := h.Onboard.InitialiseContact(ctx, operator(), hub.ContactID(c.Contact))
		if err != nil {
			return explained(err)
		}
		return c.print(asContactJSON(k), func() error {
			fmt.Printf("the bank has the keys. Next: kontor admin contact letter %s, sign it, send it; when the bank has activated them: kontor admin contact fetch-keys %s\n", k.ID, k.ID)
			return nil
		})
	})
}

// explained turns a bank's refusal into a sentence.
func explained(err error) error {
	if be, ok := errors.AsType[*hub.BankError](err); ok {
		return hub.Errorf(hub.CodeUnavailable, "the bank's answer: %s %s %s", be.Outcome, be.Code, be.Text)
	}
	return err
}

type contactLetter struct {
	contactArg
	PDF      string `name:"pdf" help:"Write pages to print and sign, one for each key, to this new file, instead of showing the letter as text." type:"path" placeholder:"FILE" env:"-"`
	Language string `help:"de, en, fr or sv." default:"en" enum:"de,en,fr,sv"`
	Name     string `help:"Name of the person who signs; default is a line to write on." env:"-"`
}

// Run prints the letter.
func (c *contactLetter) Run(ctx context.Context, log *slog.Logger) error {
	return c.look(ctx, log, func(h *app.Hub) error {
		var text strings.Builder
		form := hub.LetterForm{Language: c.Language, Name: c.Name}
		if err := h.Onboard.Letter(ctx, &text, hub.ContactID(c.Contact), form); err != nil {
			return err
		}
		hashes, err := h.Onboard.ContactHashes(ctx, hub.ContactID(c.Contact))
		if err != nil {
			return err
		}
		certificates, err := h.Onboard.ContactCertificates(ctx, hub.ContactID(c.Contact))
		if err != nil {
			return err
		}
		form.PDF = true
		err = pages(c.PDF, func(w io.Writer) error { return h.Onboard.Letter(ctx, w, hub.ContactID(c.Contact), form) })
		if err != nil {
			return err
		}
		return c.print(map[string]any{"text": text.String(), "hashes": hashes, "certificateHashes": certificates.Hashes, "pdf": c.PDF}, func() error {
			showPaper(text.String(), c.PDF, "sign each page and send it to the bank")
			return nil
		})
	})
}

type contactFetch struct{ contactArg }

// Run fetches the bank's keys.
func (c *contactFetch) Run(ctx context.Context, log *slog.Logger) error {
	return c.look(ctx, log, func(h *app.Hub) error {
		k, authentication, encryption, err := h.Onboard.FetchBankKeys(ctx, operator(), hub.ContactID(c.Contact))
		if err != nil {
			return explained(err)
		}
		out := asContactJSON(k)
		out.AuthenticationHash, out.EncryptionHash = authentication, encryption
		return c.print(out, func() error {
			fmt.Printf("Compare with what the bank has published, then confirm:\n  authentication (X002)  %s\n  encryption (E002)      %s\n"+
				"kontor admin contact confirm %s --authentication-hash … --encryption-hash …\n", authentication, encryption, k.ID)
			return nil
		})
	})
}

type contactConfirm struct {
	contactArg
	AuthenticationHash string `name:"authentication-hash" help:"SHA-256 of the bank's X002 key, or in H005 of its certificate, from the bank." required:""`
	EncryptionHash     string `name:"encryption-hash" help:"SHA-256 of the bank's E002 key, or in H005 of its certificate, from the bank." required:""`
}

// Run confirms the keys.
func (c *contactConfirm) Run(ctx context.Context, log *slog.Logger) error {
	return c.look(ctx, log, func(h *app.Hub) error {
		k, err := h.Onboard.ConfirmBankKeys(ctx, operator(), hub.ContactID(c.Contact), c.AuthenticationHash, c.EncryptionHash)
		if err != nil {
			return err
		}
		return c.print(asContactJSON(k), func() error {
			fmt.Printf("contact %s is ready\n", k.ID)
			return nil
		})
	})
}
