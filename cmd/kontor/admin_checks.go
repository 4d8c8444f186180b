package main

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

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
	Profile    *string           `help:"Rules to judge by: iso, epc, dk, dk-gbic-4, dk-axz, sps, psa, se; \"\" is what each file shows." placeholder:"NAME" env:"-"`
	Rule       map[string]string `help:"Severity of a rule: PAIN-D4=off, =warning, =error, or =default." placeholder:"CODE=SEVERITY" mapsep:"," env:"-"`
	Account    string            `help:"IBAN of the account for whose files --rule holds; without it for all." placeholder:"IBAN" env:"-"`
	Currency   string            `help:"With --account, of those of one IBAN the account in this currency; without it all of them." placeholder:"CODE" env:"-"`
	Schema     *string           `help:"Schema that files of its namespace are judged by: one of the folder for schemas of the serving process (setting schema-folder), or one of the program; \"\" is the profile's." placeholder:"NAME" env:"-"`
	History    *bool             `help:"Compare with earlier payments. Without, what was kept for it is deleted." negatable:"" env:"-"`
	Days       *int              `name:"history-days" help:"Days for which payments are compared, 1 to 90; 0 is the default of 30." placeholder:"DAYS" env:"-"`
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
	return len(c.Off)+len(c.On)+len(c.Rule) > 0 || c.Characters != "" || c.Profile != nil || c.Schema != nil || c.History != nil || c.Days != nil
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
	if c.Schema != nil {
		v.Schema = *c.Schema
	}
	if c.History != nil {
		v.History = *c.History
	}
	if c.Days != nil {
		v.HistoryDays = *c.Days
	}
	return c.changeRules(v, accounts)
}

func (c *tenantChecks) changeRules(v *hub.Verification, accounts []hub.Account) error {
	if c.Account == "" {
		if c.Currency != "" {
			return hub.Errorf(hub.CodeInvalid, "--currency goes with --account")
		}
		rules, err := changed(v.Rules, c.Rule)
		if err != nil {
			return err
		}
		v.Rules = rules
		return nil
	}
	v.Accounts = maps.Clone(v.Accounts)
	if v.Accounts == nil {
		v.Accounts = map[hub.AccountID]finding.Policy{}
	}
	found := false
	for _, a := range accounts {
		if a.IBAN != account.NormaliseIBAN(c.Account) || (c.Currency != "" && !strings.EqualFold(a.Currency, c.Currency)) {
			continue
		}
		found = true
		rules, err := changed(v.Accounts[a.ID], c.Rule)
		if err != nil {
			return err
		}
		if v.Accounts[a.ID] = rules; rules == nil {
			delete(v.Accounts, a.ID)
		}
	}
	if !found {
		return hub.Errorf(hub.CodeNotFound, "the tenant has no account %q", strings.TrimSpace(c.Account+" "+c.Currency))
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
		if severity != "default" && !inspect.Switchable(finding.Code(code)) { // default takes away what an earlier program has let in
			return nil, hub.Errorf(hub.CodeInvalid, "the severity of %s is always the same", code)
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
		history = fmt.Sprintf("on, for %d days", v.HistoryWindow(hub.HistoryPayment)/(24*time.Hour))
	}
	schema := "the profile's"
	if v.Schema != "" {
		schema = v.Schema
	}
	rows = append(rows, []string{"profile", profile}, []string{"schema", schema}, []string{"comparison with earlier payments", history}, []string{}, []string{"RULE", "SEVERITY", "ACCOUNT"})
	rows = append(rows, policyRows(v.Rules, "all")...)
	for _, a := range accounts {
		rows = append(rows, policyRows(v.Accounts[a.ID], strings.TrimSpace(a.IBAN+" "+a.Currency))...)
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
