package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"kontor/internal/app"
	"kontor/internal/hub"
)

type keyCommand struct {
	Add        keyAdd        `cmd:"" help:"Add an API key; its secret is shown once."`
	List       keyList       `cmd:"" help:"List a tenant's API keys."`
	Deactivate keyDeactivate `cmd:"" help:"Switch a key off; its tokens die at once."`
	Activate   keyActivate   `cmd:"" help:"Switch a key on again."`
	Regenerate keyRegenerate `cmd:"" help:"Give a key a new secret; the old one dies at once."`
}

type keyJSON struct {
	ID       hub.KeyID   `json:"id"`
	Name     string      `json:"name,omitempty"`
	Secret   string      `json:"secret,omitempty"`
	Scopes   []hub.Scope `json:"scopes,omitempty"`
	Active   bool        `json:"active"`
	Created  string      `json:"created,omitempty"`
	LastUsed string      `json:"lastUsed,omitempty"`
}

type keyAdd struct {
	opened
	Tenant string   `help:"Handle or id." required:""`
	Name   string   `help:"What uses the key." required:""`
	Scope  []string `help:"What the key may do; default is everything: payment.submit, payment.read, document.read, document.acknowledge."`
}

// Run adds the key.
func (c *keyAdd) Run(ctx context.Context, log *slog.Logger) error {
	return c.with(ctx, log, func(h *app.Hub) error {
		t, err := h.Tenant(ctx, c.Tenant)
		if err != nil {
			return err
		}
		scopes := hub.Scopes()
		if len(c.Scope) > 0 {
			scopes = nil
			for _, s := range c.Scope {
				scopes = append(scopes, hub.Scope(s))
			}
		}
		k, secret, err := h.Access.CreateKey(ctx, operator(), t.ID, c.Name, scopes)
		if err != nil {
			return err
		}
		out := keyJSON{ID: k.ID, Name: k.Name, Secret: string(secret), Scopes: k.Scopes, Active: true, Created: stamp(k.Created)}
		return c.print(out, func() error {
			fmt.Printf("API key %s (%s) added. Its secret, shown this once:\n%s\n", k.Name, k.ID, string(secret))
			return nil
		})
	})
}

type keyList struct {
	opened
	Tenant string `help:"Handle or id." required:""`
}

// Run lists keys.
func (c *keyList) Run(ctx context.Context, log *slog.Logger) error {
	return c.look(ctx, log, func(h *app.Hub) error {
		t, err := h.Tenant(ctx, c.Tenant)
		if err != nil {
			return err
		}
		all, err := h.Access.Keys(ctx, t.ID)
		if err != nil {
			return err
		}
		list, rows := []keyJSON{}, [][]string{{"NAME", "ACTIVE", "LAST USED", "SCOPES", "ID"}}
		for _, k := range all {
			list = append(list, keyJSON{ID: k.ID, Name: k.Name, Scopes: k.Scopes, Active: k.Active, Created: stamp(k.Created), LastUsed: stamp(k.LastUsed)})
			scopes := make([]string, len(k.Scopes))
			for i, s := range k.Scopes {
				scopes[i] = string(s)
			}
			rows = append(rows, []string{k.Name, fmt.Sprint(k.Active), stamp(k.LastUsed), strings.Join(scopes, ","), string(k.ID)})
		}
		return c.print(map[string]any{"keys": list}, func() error { return table(rows...) })
	})
}

// keyArg names one key.
type keyArg struct {
	opened
	Tenant string `help:"Handle or id." required:""`
	Key    string `arg:"" help:"Id of the key."`
}

func (c keyArg) change(ctx context.Context, log *slog.Logger, done string, active bool, f func(h *app.Hub, t hub.TenantID) (secret string, err error)) error {
	return c.with(ctx, log, func(h *app.Hub) error {
		t, err := h.Tenant(ctx, c.Tenant)
		if err != nil {
			return err
		}
		secret, err := f(h, t.ID)
		if err != nil {
			return err
		}
		return c.print(keyJSON{ID: hub.KeyID(c.Key), Secret: secret, Active: active}, func() error {
			fmt.Printf("API key %s %s\n", c.Key, done)
			if secret != "" {
				fmt.Printf("Its new secret, shown this once:\n%s\n", secret)
			}
			return nil
		})
	})
}

type keyDeactivate struct{ keyArg }

// Run switches the key off.
func (c *keyDeactivate) Run(ctx context.Context, log *slog.Logger) error {
	return c.change(ctx, log, "deactivated", false, func(h *app.Hub, t hub.TenantID) (string, error) {
		return "", h.Access.Deactivate(ctx, operator(), t, hub.KeyID(c.Key))
	})
}

type keyActivate struct{ keyArg }

// Run switches the key on.
func (c *keyActivate) Run(ctx context.Context, log *slog.Logger) error {
	return c.change(ctx, log, "activated", true, func(h *app.Hub, t hub.TenantID) (string, error) {
		return "", h.Access.Activate(ctx, operator(), t, hub.KeyID(c.Key))
	})
}

type keyRegenerate struct{ keyArg }

// Run gives the key a new secret.
func (c *keyRegenerate) Run(ctx context.Context, log *slog.Logger) error {
	return c.change(ctx, log, "regenerated", true, func(h *app.Hub, t hub.TenantID) (string, error) {
		secret, err := h.Access.Regenerate(ctx, operator(), t, hub.KeyID(c.Key))
		return string(secret), err
	})
}
