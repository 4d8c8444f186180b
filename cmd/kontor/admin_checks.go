package main

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"kontor/account"
	"kontor/finding"
	"kontor/inspect"
	"kontor/internal/app"
	"kontor/internal/hub"
	"kontor/iso20022/pain"
)

type tenantChecks struct {
	opened
	Tenant     string            `arg:"" help:"Handle or id."`
	Off        []string          `help:"Check that is no longer made: sepa-country, iban, iban-bic, schema, character-set, epc-dk, control-values, azv, double-submission or debit-address." placeholder:"CHECK" env:"-"`
	On         []string          `help:"Check that is made again." placeholder:"CHECK" env:"-"`
	Characters string            `help:"standard (EPC) or extended (with umlauts and what else German banks take)." enum:",standard,extended" default:"" env:"-"`
	Profile    *string           `help:"Rules to judge by: iso, epc, dk, dk-gbic-4, sps, psa, se; \"\" is what each file shows." placeholder:"NAME" env:"-"`
	Rule       map[string]string `help:"Severity of a rule: PAIN-D4=off, =warning, =error, or =default." placeholder:"CODE=SEVERITY" mapsep:"," env:"-"`
	Account    string            `help:"IBAN of the account for whose files --rule holds; without it for all." placeholder:"IBAN" env:"-"`
	History    *bool             `help:"Compare with earlier payments." negatable:"" env:"-"`
}

// Run shows the checks, after changing them if something is to be changed.
func (c *tenantChecks) Run(ctx context.Context, log *slog.Logger) error {
	return c.look(ctx, log, func(h *app.Hub) error {
		t, err := h.Tenant(ctx, c.Tenant)
		if err != nil {
			return err
		}
		accounts, err := h.Accounts(ctx, t.ID)
		if err != nil {
			return err
		}
		if c.changes() {
			t, err = h.Onboard.ChangeTenantSettings(ctx, operator(), t.ID, func(s *hub.TenantSettings) error { return c.change(&s.Verification, accounts) })
			if err != nil {
				return err
			}
		}
		return c.print(map[string]any{"verification": t.Settings.Verification}, func() error { return showChecks(t, accounts) })
	})
}

func (c *tenantChecks) changes() bool {
	return len(c.Off)+len(c.On)+len(c.Rule) > 0 || c.Characters != "" || c.Profile != nil || c.History != nil
}

func (c *tenantChecks) change(v *hub.Verification, accounts []hub.Account) error {
	for _, name := range c.Off {
		v.Switch(hub.Check(name), false)
	}
	for _, name := range c.On {
		if !slices.Contains(hub.Checks(), hub.Check(name)) {
			return hub.Errorf(hub.CodeInvalid, "there is no check %q", name)
		}
		v.Switch(hub.Check(name), true)
	}
	if c.Characters != "" {
		v.Characters = hub.CharacterSet(c.Characters)
	}
	if c.Profile != nil {
		known := func(p pain.Profile) bool { return string(p.ID) == *c.Profile }
		if *c.Profile != "" && !slices.ContainsFunc(pain.Profiles(), known) {
			return hub.Errorf(hub.CodeInvalid, "there is no profile %q", *c.Profile)
		}
		v.Profile = *c.Profile
	}
	if c.History != nil {
		v.History = *c.History
	}
	return c.changeRules(v, accounts)
}

func (c *tenantChecks) changeRules(v *hub.Verification, accounts []hub.Account) error {
	if c.Account == "" {
		rules, err := changed(v.Rules, c.Rule)
		if err != nil {
			return err
		}
		v.Rules = rules
		return nil
	}
	i := slices.IndexFunc(accounts, func(a hub.Account) bool { return a.IBAN == account.NormaliseIBAN(c.Account) })
	if i < 0 {
		return hub.Errorf(hub.CodeNotFound, "the tenant has no account %q", c.Account)
	}
	rules, err := changed(v.Accounts[accounts[i].ID], c.Rule)
	if err != nil {
		return err
	}
	v.Accounts = maps.Clone(v.Accounts)
	if v.Accounts == nil {
		v.Accounts = map[hub.AccountID]finding.Policy{}
	}
	if v.Accounts[accounts[i].ID] = rules; rules == nil {
		delete(v.Accounts, accounts[i].ID)
	}
	return nil
}

// changed returns the policy with other severities; nil if nothing is left in it.
func changed(p finding.Policy, rules map[string]string) (finding.Policy, error) {
	p = maps.Clone(p)
	if p == nil {
		p = finding.Policy{}
	}
	for code, severity := range rules {
		if inspect.Catalogue().Lookup(finding.Code(code)) == nil {
			return nil, hub.Errorf(hub.CodeInvalid, "there is no rule %q", code)
		}
		if severity == "default" {
			delete(p, finding.Code(code))
			continue
		}
		p[finding.Code(code)] = finding.Severity(severity)
	}
	if len(p) == 0 {
		return nil, nil
	}
	return p, nil
}

// showChecks prints how files are verified.
func showChecks(t hub.Tenant, accounts []hub.Account) error {
	v := t.Settings.Verification
	rows := [][]string{{"CHECK", "STATE"}}
	for _, c := range hub.Checks() {
		state := "on"
		switch {
		case v.IsOff(c):
			state = "off"
		case c == hub.CheckDoubleSubmission:
			state = "on, within " + t.Settings.DoubleSubmissionWindow().String()
		case c == hub.CheckCharacterSet && v.Characters == hub.CharactersStandard:
			state = "on, standard set"
		case c == hub.CheckCharacterSet:
			state = "on, extended set"
		}
		rows = append(rows, []string{string(c), state})
	}
	profile, history := "what the file shows", "off"
	if v.Profile != "" {
		profile = v.Profile
	}
	if v.History {
		history = "on"
	}
	rows = append(rows, []string{"profile", profile}, []string{"comparison with earlier payments", history}, []string{}, []string{"RULE", "SEVERITY", "ACCOUNT"})
	rows = append(rows, policyRows(v.Rules, "all")...)
	for _, a := range accounts {
		rows = append(rows, policyRows(v.Accounts[a.ID], a.IBAN)...)
	}
	if err := table(rows...); err != nil {
		return fmt.Errorf("show checks: %w", err)
	}
	return nil
}

func policyRows(p finding.Policy, of string) (rows [][]string) {
	for _, code := range slices.SortedFunc(maps.Keys(p), func(a, b finding.Code) int { return strings.Compare(string(a), string(b)) }) {
		rows = append(rows, []string{string(code), string(p[code]), of})
	}
	return rows
}
