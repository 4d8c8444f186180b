package kontor_test

import (
	"slices"
	"strings"
)

// ring is a layer of ARCHITECTURE.md.
type ring string

const (
	library     ring = "library"
	sandbox     ring = "sandbox"
	hub         ring = "hub"
	killpoint   ring = "killpoint"
	vault       ring = "vault"
	store       ring = "store"
	support     ring = "support on the store"
	flow        ring = "flow"
	edgeIn      ring = "edge inward"
	edgeOut     ring = "edge outward"
	config      ring = "config"
	app         ring = "app"
	command     ring = "command"
	client      ring = "client" // cmd/kontor/demo: it sees the hub through HTTP only
	testSupport ring = "test support"
	outside     ring = "outside" // end-to-end tests and tools: they may see everything
	unknown     ring = "unknown"
)

// components places each package folder below internal. What is not here is not placed yet, which is a problem.
var components = map[string]ring{
	"hub": hub, "killpoint": killpoint, "vault": vault, "store": store, "job": support, "access": support, "payfile": support,
	"onboard": flow, "intake": flow, "control": flow, "review": flow, "dispatch": flow, "collect": flow, "reconcile": flow, "checkout": flow,
	"api": edgeIn, "konfipay": edgeIn, "handover": edgeIn, "portal": edgeIn, "paypage": edgeIn, "sftpd": edgeIn,
	"bank": edgeOut, "psp": edgeOut, "notify": edgeOut, "exchange": edgeOut,
	"config": config, "app": app,
}

// mayImport says which rings a ring may import, its own component aside. "Never sideways" is what is not listed.
var mayImport = map[ring][]ring{
	library:   {library},
	sandbox:   {library},
	hub:       {library},
	killpoint: {},
	vault:     {library, hub, killpoint},
	store:     {library, hub, killpoint, vault},
	support:   {library, hub, killpoint, vault, store},
	flow:      {library, hub, killpoint, vault, store, support},
	edgeIn:    {library, hub, killpoint, vault, store, support, flow},
	edgeOut:   {library, hub, killpoint, vault},
	config:    {library, hub},
	app:       {library, hub, killpoint, vault, store, support, flow, edgeIn, edgeOut, config},
	command:   {library, sandbox, config, app, hub, client},
	client:    {library},
}

// place returns the ring of a package folder and the component it belongs to; packages of one component may import each other.
func place(folder string) (r ring, component string) {
	parts := strings.Split(folder, "/")
	switch {
	case slices.ContainsFunc(parts, func(p string) bool { return strings.HasSuffix(p, "test") }):
		return testSupport, folder
	case folder == "" || inside(folder, "e2e", "bench", "tools", "scripts"):
		return outside, parts[0]
	case inside(folder, "cmd/kontor/demo"):
		return client, "cmd/kontor/demo"
	case parts[0] == "cmd":
		return command, "cmd"
	case parts[0] == "sandbox":
		return sandbox, "sandbox"
	case parts[0] != "internal":
		return library, parts[0]
	case len(parts) == 1:
		return unknown, folder
	}
	r, ok := components[parts[1]]
	if !ok {
		return unknown, folder
	}
	if (parts[1] == "bank" || parts[1] == "psp") && len(parts) > 2 {
		return r, strings.Join(parts[:3], "/") // one component per bank channel and per provider
	}
	return r, strings.Join(parts[:2], "/")
}

// refusal says why a file in one folder may not import a package in another; "" = it may. Tests inside the hub may look around, for they
// put the real neighbours together; tests of libraries and of the client may not.
func refusal(from string, test bool, to string) string {
	fromRing, fromComponent := place(from)
	toRing, toComponent := place(to)
	switch {
	case toRing == unknown:
		return "has no place in the rings: add it to ARCHITECTURE.md and to components"
	case toRing == testSupport:
		if test || fromRing == testSupport || fromRing == outside {
			return ""
		}
		return "is for tests"
	case fromRing == outside || fromRing == testSupport || fromComponent == toComponent:
		return ""
	case test && inside(from, "internal") && toRing != command:
		return ""
	case test && fromRing == command && toRing != client:
		return ""
	case test && fromRing == client && toRing == sandbox:
		return "" // the demo's counterpart, and none of the hub
	case slices.Contains(mayImport[fromRing], toRing):
		return ""
	}
	return "is " + string(toRing) + ", which " + string(fromRing) + " must not import"
}

func checkDirections(tree []source) (r report) {
	for _, s := range tree {
		if !s.goFile() {
			continue
		}
		if from, _ := place(s.folder()); from == unknown {
			r.checked++
			r.problem(s.path, ": ", s.folder(), " has no place in the rings: add it to ARCHITECTURE.md and to components")
			continue
		}
		for _, imported := range s.imports() {
			to, ours := strings.CutPrefix(imported, module+"/")
			if !ours || inside(s.folder(), "tools") {
				continue
			}
			r.checked++
			if why := refusal(s.folder(), s.testFile(), to); why != "" {
				r.problem(s.path, ": ", imported, " ", why)
			}
		}
	}
	return r
}

// drivers says in which folders a database may be touched.
var drivers = map[string][]string{
	"modernc.org/sqlite":                      {"internal/store", "sandbox/bank", "e2e", "bench"},
	"database/sql":                            {"internal/store", "internal/job", "sandbox/bank", "internal/pgtest", "e2e", "bench"},
	"github.com/jackc/pgx/v5":                 {"internal/store", "internal/job", "internal/pgtest", "e2e", "bench"},
	"github.com/pressly/goose/v3":             {"internal/store"},
	"github.com/riverqueue/river/riverdriver": {"internal/job", "bench"},
}

func checkDrivers(tree []source) (r report) {
	for _, s := range tree {
		if !s.goFile() {
			continue
		}
		for _, imported := range s.imports() {
			for driver, folders := range drivers {
				if !inside(imported, driver) {
					continue
				}
				r.checked++
				if !inside(s.folder(), folders...) {
					r.problem(s.path, ": ", imported, " may be imported only in ", strings.Join(folders, ", "))
				}
			}
		}
	}
	return r
}

func importRules() []rule {
	return []rule{
		{
			name:  "imports go inward",
			check: checkDirections,
			bad: map[string]map[string]string{
				"library to hub":              {"money/a.go": "package money\nimport _ \"kontor/internal/hub\""},
				"test of a library to hub":    {"money/a_test.go": "package money\nimport _ \"kontor/internal/hub\""},
				"library to sandbox":          {"ebics/a.go": "package ebics\nimport _ \"kontor/sandbox/bank\""},
				"sandbox to hub":              {"sandbox/bank/a.go": "package bank\nimport _ \"kontor/internal/hub\""},
				"hub to store":                {"internal/hub/a.go": "package hub\nimport _ \"kontor/internal/store\""},
				"hub to killpoint":            {"internal/hub/a.go": "package hub\nimport _ \"kontor/internal/killpoint\""},
				"killpoint to library":        {"internal/killpoint/a.go": "package killpoint\nimport _ \"kontor/money\""},
				"vault to store":              {"internal/vault/a.go": "package vault\nimport _ \"kontor/internal/store\""},
				"store to job":                {"internal/store/a.go": "package store\nimport _ \"kontor/internal/job\""},
				"job to access":               {"internal/job/a.go": "package job\nimport _ \"kontor/internal/access\""},
				"flow to flow":                {"internal/intake/a.go": "package intake\nimport _ \"kontor/internal/dispatch\""},
				"flow to edge":                {"internal/dispatch/a.go": "package dispatch\nimport _ \"kontor/internal/bank/ebics\""},
				"edge to edge":                {"internal/api/a.go": "package api\nimport _ \"kontor/internal/konfipay\""},
				"edge inward to edge outward": {"internal/api/a.go": "package api\nimport _ \"kontor/internal/notify\""},
				"bank to bank":                {"internal/bank/ebics/a.go": "package ebics\nimport _ \"kontor/internal/bank/sftp\""},
				"edge outward to flow":        {"internal/bank/ebics/a.go": "package ebics\nimport _ \"kontor/internal/dispatch\""},
				"edge outward to store":       {"internal/notify/a.go": "package notify\nimport _ \"kontor/internal/store\""},
				"app to command":              {"internal/app/a.go": "package app\nimport _ \"kontor/cmd/kontor\""},
				"app to sandbox":              {"internal/app/a.go": "package app\nimport _ \"kontor/sandbox/bank\""},
				"command to store":            {"cmd/kontor/a.go": "package main\nimport _ \"kontor/internal/store\""},
				"demo to hub":                 {"cmd/kontor/demo/a.go": "package demo\nimport _ \"kontor/internal/hub\""},
				"test of demo to hub":         {"cmd/kontor/demo/a_test.go": "package demo\nimport _ \"kontor/internal/hub\""},
				"demo to its own command":     {"cmd/kontor/demo/a.go": "package demo\nimport _ \"kontor/cmd/kontor/serve\""},
				"pgtest outside tests":        {"internal/store/a.go": "package store\nimport _ \"kontor/internal/pgtest\""},
				"below a test package":        {"ebics/server/a.go": "package server\nimport _ \"kontor/ebics/ebicstest/keys\""},
				"unplaced package":            {"internal/stuff/a.go": "package stuff"},
				"import of unplaced package":  {"internal/app/a.go": "package app\nimport _ \"kontor/internal/stuff\""},
			},
			good: map[string]string{
				"ebics/client/a.go":           "package client\nimport _ \"kontor/ebics\"",
				"sandbox/bank/a.go":           "package bank\nimport _ \"kontor/ebics/server\"",
				"internal/hub/a.go":           "package hub\nimport _ \"kontor/money\"",
				"internal/store/a.go":         "package store\nimport (\n_ \"kontor/internal/vault\"\n_ \"kontor/internal/hub\"\n)",
				"internal/store/a_test.go":    "package store\nimport _ \"kontor/internal/pgtest\"",
				"internal/dispatch/a.go":      "package dispatch\nimport (\n_ \"kontor/internal/killpoint\"\n_ \"kontor/internal/job\"\n)",
				"internal/dispatch/a_test.go": "package dispatch\nimport _ \"kontor/sandbox/bank\"",
				"internal/konfipay/a.go":      "package konfipay\nimport _ \"kontor/internal/intake\"",
				"internal/bank/ebics/a.go":    "package ebics\nimport (\n_ \"kontor/ebics/client\"\n_ \"kontor/internal/vault\"\n)",
				"internal/app/a.go":           "package app\nimport _ \"kontor/internal/bank/ebics\"",
				"cmd/kontor/main.go":          "package main\nimport (\n_ \"kontor/internal/app\"\n_ \"kontor/cmd/kontor/demo\"\n)",
				"cmd/kontor/demo/a_test.go":   "package demo\nimport _ \"kontor/sandbox/bank\"",
				"e2e/a_test.go":               "package e2e\nimport _ \"kontor/internal/store\"",
			},
		},
		{
			name:  "database drivers stay in the store",
			check: checkDrivers,
			bad: map[string]map[string]string{
				"pgx in a flow":        {"internal/intake/a.go": "package intake\nimport _ \"github.com/jackc/pgx/v5/pgxpool\""},
				"sql in an edge":       {"internal/konfipay/a.go": "package konfipay\nimport _ \"database/sql\""},
				"sqlite in app":        {"internal/app/a.go": "package app\nimport _ \"modernc.org/sqlite\""},
				"pgx in the sandbox":   {"sandbox/bank/a.go": "package bank\nimport _ \"github.com/jackc/pgx/v5\""},
				"sql in a flow's test": {"internal/intake/a_test.go": "package intake\nimport _ \"database/sql\""},
			},
			good: map[string]string{
				"internal/store/a.go": "package store\nimport (\n_ \"database/sql\"\n_ \"modernc.org/sqlite\"\n)",
				"internal/job/a.go":   "package job\nimport _ \"github.com/jackc/pgx/v5\"",
				"sandbox/bank/a.go":   "package bank\nimport _ \"database/sql\"",
			},
		},
	}
}
