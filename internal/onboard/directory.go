package onboard

import (
	"bytes"
	"context"
	"strconv"
	"strings"

	"kontor/account/directory"
	"kontor/calendar"
	"kontor/internal/hub"
	"kontor/internal/store"
)

// BankDirectory returns the list of banks of the installation; false and an empty table if there is none.
func (o *Onboard) BankDirectory(ctx context.Context) (d hub.BankDirectory, table *directory.Table, has bool, err error) {
	var text []byte
	err = o.store.Read(ctx, func(tx *store.Tx) error {
		if d, has, err = tx.BankDirectory(ctx); err != nil || !has {
			return err
		}
		text, err = tx.BankDirectoryText(ctx, d.SHA256)
		return err
	})
	if err != nil || !has {
		return d, &directory.Table{}, false, err
	}
	table, err = directory.Read(bytes.NewReader(text))
	return d, table, true, err
}

// ImportBanks adds sources to the installation's list of banks; one takes the place of the one that had its name. All tenants' files are
// judged by it. Version is the operator's name for the list, date the day of the import. CodeInvalid says what is wrong with a version or a
// row, CodeConflict that somebody else has changed the list meanwhile.
func (o *Onboard) ImportBanks(ctx context.Context, by hub.Actor, version string, date calendar.Date, sources ...directory.Source) (hub.BankDirectory, *directory.Table, error) {
	was, old, _, err := o.BankDirectory(ctx)
	if err != nil {
		return hub.BankDirectory{}, nil, err
	}
	table, err := old.With(version, date, sources...)
	if err != nil {
		return hub.BankDirectory{}, nil, &hub.Error{Code: hub.CodeInvalid, Message: err.Error(), Err: err}
	}
	var text bytes.Buffer
	if err := table.Write(&text); err != nil {
		return hub.BankDirectory{}, nil, err
	}
	d := hub.BankDirectory{Version: version, Date: date}
	d.Banks, d.Participants = table.Size()
	names := make([]string, len(sources))
	for i, s := range sources {
		names[i] = strings.TrimSpace(s.Name + " " + s.Date.String())
	}
	err = o.store.Write(ctx, func(tx *store.Tx) error {
		if err := tx.SetBankDirectory(ctx, was.SHA256, &d, text.Bytes()); err != nil {
			return err
		}
		return audit(ctx, tx, hub.Operator, by, "bank_directory.import", d.Version, map[string]string{
			"sha256": d.SHA256, "before": was.SHA256, "sources": strings.Join(names, ", "), "banks": strconv.Itoa(d.Banks), "participants": strconv.Itoa(d.Participants),
		})
	})
	return d, table, err
}

// ClearBanks removes the list of banks. CodeNotFound if there is none. A damaged one can be removed too.
func (o *Onboard) ClearBanks(ctx context.Context, by hub.Actor) error {
	return o.store.Write(ctx, func(tx *store.Tx) error {
		d, has, err := tx.BankDirectory(ctx)
		if err != nil {
			return err
		}
		if !has {
			return hub.Errorf(hub.CodeNotFound, "there is no bank directory")
		}
		if err := tx.ClearBankDirectory(ctx, d.SHA256); err != nil {
			return err
		}
		return audit(ctx, tx, hub.Operator, by, "bank_directory.clear", d.Version, map[string]string{"before": d.SHA256})
	})
}
