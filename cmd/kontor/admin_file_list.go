package main

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strconv"

	"kontor/internal/app"
	"kontor/internal/hub"
)

type fileList struct {
	opened
	Tenant string `help:"Handle or id; default is all tenants."`
	State  string `help:"Only files in this state, for example queued, sending or unclear."`
	Limit  int    `help:"At most so many." default:"100"`
}

type fileLineJSON struct {
	Tenant    hub.TenantID  `json:"tenant"`
	File      hub.FileID    `json:"file"`
	State     hub.State     `json:"state"`
	Since     string        `json:"since"`
	Created   string        `json:"created"`
	Format    string        `json:"format"`
	OrderType string        `json:"orderType"`
	Payments  int64         `json:"payments"`
	Contact   hub.ContactID `json:"contact,omitempty"`
	Failures  int64         `json:"failures"`
	LastCode  string        `json:"lastCode,omitempty"`
	NextTry   string        `json:"nextTry,omitempty"`
}

// Run lists payment files, longest in their state first.
func (c *fileList) Run(ctx context.Context, log *slog.Logger) error {
	if !slices.Contains(append(hub.States(), ""), hub.State(c.State)) {
		return hub.Errorf(hub.CodeInvalid, "%q is no state of a payment file; there are %v", c.State, hub.States())
	}
	if c.Limit < 1 {
		return hub.Errorf(hub.CodeInvalid, "the limit is a positive number")
	}
	return c.look(ctx, log, func(h *app.Hub) error {
		var tenant hub.TenantID
		if c.Tenant != "" {
			t, err := h.Tenant(ctx, c.Tenant)
			if err != nil {
				return err
			}
			tenant = t.ID
		}
		all, err := h.FileLines(ctx, tenant, hub.State(c.State), c.Limit)
		if err != nil {
			return err
		}
		list, rows := []fileLineJSON{}, [][]string{{"STATE", "SINCE", "TENANT", "FILE", "ORDER TYPE", "PAYMENTS", "FAILURES", "LAST", "NEXT TRY"}}
		for _, l := range all {
			list = append(list, fileLineJSON{l.Tenant, l.File, l.State, stamp(l.Updated), stamp(l.Created), l.Format, l.OrderType, l.Count, l.Contact, l.Failures, l.Code, stamp(l.Next)})
			rows = append(rows, []string{
				string(l.State), stamp(l.Updated), string(l.Tenant), string(l.File), l.OrderType, strconv.FormatInt(l.Count, 10),
				strconv.FormatInt(l.Failures, 10), l.Code, stamp(l.Next),
			})
		}
		return c.print(map[string]any{"files": list}, func() error { return table(rows...) })
	})
}

type fileRetry struct {
	opened
	Tenant string `help:"Handle or id." required:""`
	File   string `arg:"" help:"Id (rId) of the payment file."`
}

// Run has the file tried at once.
func (c *fileRetry) Run(ctx context.Context, log *slog.Logger) error {
	return c.look(ctx, log, func(h *app.Hub) error {
		t, err := h.Tenant(ctx, c.Tenant)
		if err != nil {
			return err
		}
		if err := h.RetryFile(ctx, operator(), t.ID, hub.FileID(c.File)); err != nil {
			return err
		}
		return c.print(map[string]string{"id": c.File}, func() error {
			fmt.Println("it will be tried within seconds")
			return nil
		})
	})
}

type tenantShow struct {
	opened
	Tenant string `arg:"" help:"Handle or id."`
}

// Run shows a tenant with its accounts, keys and files.
func (c *tenantShow) Run(ctx context.Context, log *slog.Logger) error {
	return c.look(ctx, log, func(h *app.Hub) error {
		t, err := h.Tenant(ctx, c.Tenant)
		if err != nil {
			return err
		}
		files, err := h.TenantFiles(ctx, t.ID)
		if err != nil {
			return err
		}
		accounts := []accountJSON{}
		if t.State == hub.TenantActive { // otherwise nothing of it can be read
			all, err := h.Accounts(ctx, t.ID)
			if err != nil {
				return err
			}
			for _, a := range all {
				accounts = append(accounts, asAccountJSON(a))
			}
		}
		return c.print(map[string]any{"tenant": asTenantJSON(t), "accounts": accounts, "files": files}, func() error {
			fmt.Printf("%s (%s), %s, %s, since %s\nsame files are refused within %s\n\n", t.Handle, t.ID, t.Name, t.State, stamp(t.Created), t.Settings.DoubleSubmissionWindow())
			rows := [][]string{{"ACCOUNT", "CURRENCY", "HOLDER", "CONTACT"}}
			for _, a := range accounts {
				rows = append(rows, []string{a.IBAN, a.Currency, a.Holder, string(a.Contact)})
			}
			rows = append(rows, []string{}, []string{"FILES", "COUNT"})
			for _, state := range slices.Sorted(maps.Keys(files)) {
				rows = append(rows, []string{string(state), strconv.FormatInt(files[state], 10)})
			}
			return table(rows...)
		})
	})
}
