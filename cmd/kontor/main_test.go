package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func parse(t *testing.T, args ...string) (cli, error) {
	t.Helper()
	var c cli
	_, err := newParser(&c).Parse(args)
	return c, err
}

func writeSettings(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "settings.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSettingsComeFromFlagThenEnvironmentThenFile(t *testing.T) {
	file := writeSettings(t, `{"listen": "127.0.0.1:1", "workers": 3, "poll-open": "7s", "plain-http": true}`)
	c, err := parse(t, "serve", "--config", file)
	if err != nil {
		t.Fatal(err)
	}
	if c.Serve.Listen != "127.0.0.1:1" || c.Serve.Workers != 3 || c.Serve.PollOpen != 7*time.Second || !c.Serve.PlainHTTP {
		t.Errorf("from the file: %+v", c.Serve)
	}
	t.Setenv("KONTOR_LISTEN", "127.0.0.1:2")
	if c, err = parse(t, "serve", "--config", file); err != nil || c.Serve.Listen != "127.0.0.1:2" {
		t.Errorf("environment over file: %q, %v", c.Serve.Listen, err)
	}
	if c, err = parse(t, "serve", "--config", file, "--listen", "127.0.0.1:3"); err != nil || c.Serve.Listen != "127.0.0.1:3" {
		t.Errorf("flag over environment: %q, %v", c.Serve.Listen, err)
	}
}

// A misspelt setting that passes in silence runs an installation with a default nobody wanted.
func TestSettingsFileWithUnknownOrNestedKeysIsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"misspelt": `{"listn": "127.0.0.1:1"}`,
		"nested":   `{"listen": {"address": "127.0.0.1:1"}}`,
		"no JSON":  `listen: 127.0.0.1:1`,
		"more":     `{"listen": "127.0.0.1:1"} {"workers": 3}`,
	} {
		if _, err := parse(t, "serve", "--config", writeSettings(t, text)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// The hub's variables must not lead the sandbox bank into the hub's folder, nor the demo.
func TestSandboxAndDemoDoNotTakeTheHubsVariables(t *testing.T) {
	t.Setenv("KONTOR_DATA", "/hub/data")
	t.Setenv("KONTOR_LISTEN", "127.0.0.1:2")
	c, err := parse(t, "sandbox", "bank")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(c.Sandbox.Bank.Data, "hub") || c.Sandbox.Bank.Listen != "127.0.0.1:0" {
		t.Errorf("sandbox bank: data %q, listen %q", c.Sandbox.Bank.Data, c.Sandbox.Bank.Listen)
	}
	t.Setenv("KONTOR_SANDBOX_LISTEN", "127.0.0.1:7")
	if c, err = parse(t, "sandbox", "bank"); err != nil || c.Sandbox.Bank.Listen != "127.0.0.1:7" {
		t.Errorf("sandbox bank's own variable: %q, %v", c.Sandbox.Bank.Listen, err)
	}
	if c, err = parse(t, "demo"); err != nil || c.Demo.Data != "" {
		t.Errorf("demo: data %q, %v", c.Demo.Data, err)
	}
}

// Destroying a key is confirmed where the command is given, not by a file or variable that was forgotten.
func TestDestroyKeyIsConfirmedOnTheCommandLineAlone(t *testing.T) {
	t.Setenv("KONTOR_YES", "true")
	file := writeSettings(t, `{"yes": true}`)
	if _, err := parse(t, "admin", "tenant", "destroy-key", "acme", "--config", file); err == nil {
		t.Error("taken without --yes")
	}
	if _, err := parse(t, "admin", "tenant", "destroy-key", "acme", "--yes"); err != nil {
		t.Errorf("with --yes: %v", err)
	}
}

// Variables are for settings. One that a container sets for its own purpose must not decide what a command does.
func TestVariablesAreForSettingsAlone(t *testing.T) {
	t.Setenv("KONTOR_VERSION", "1.2")
	t.Setenv("KONTOR_FILE", "/etc/passwd")
	t.Setenv("KONTOR_PROOF", "absent")
	t.Setenv("KONTOR_REASON", "a reason from nowhere")
	t.Setenv("KONTOR_DATA", "/hub/data")
	c, err := parse(t, "audit", "verify")
	if err != nil {
		t.Fatal(err)
	}
	if c.Version || c.Audit.Verify.File != "" || c.Audit.Verify.Data != "/hub/data" {
		t.Errorf("%+v", c.Audit.Verify)
	}
	if _, err := parse(t, "admin", "file", "settle", "RID", "--tenant", "acme"); err == nil {
		t.Error("proof and reason were taken from variables")
	}
}
