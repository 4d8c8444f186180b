package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"time"

	"kontor/account"
	"kontor/account/directory"
	"kontor/calendar"
	"kontor/folder"
	"kontor/internal/app"
	"kontor/internal/hub"
)

type directoryCommand struct {
	Import directoryImport `cmd:"" help:"Import a list of banks from a publisher's file. One imported before from the same publisher is replaced."`
	Show   directoryShow   `cmd:"" help:"Show which lists have been imported."`
	LookUp directoryLookUp `cmd:"" name:"look-up" help:"Look an IBAN or a BIC up."`
	Export directoryExport `cmd:"" help:"Write the directory to a file that kontor verify --directory and another installation's import read."`
	Clear  directoryClear  `cmd:"" help:"Remove all lists: nothing is said about banks any more."`
}

type sourceJSON struct {
	Name         string        `json:"name"`
	Date         calendar.Date `json:"date,omitzero"`
	Banks        int           `json:"banks"`
	Participants int           `json:"participants"`
}

type directoryJSON struct {
	Version      string        `json:"version"`
	Date         calendar.Date `json:"date,omitzero"`
	SHA256       string        `json:"sha256"`
	Stored       string        `json:"stored"`
	Banks        int           `json:"banks"`
	Participants int           `json:"participants"`
	Sources      []sourceJSON  `json:"sources"`
	Skipped      []string      `json:"skipped,omitempty"` // rows of the imported file that could not be used
}

func asDirectoryJSON(d hub.BankDirectory, t *directory.Table) directoryJSON {
	out := directoryJSON{d.Version, d.Date, d.SHA256, stamp(d.At), d.Banks, d.Participants, []sourceJSON{}, nil}
	for _, s := range t.Sources() {
		out.Sources = append(out.Sources, sourceJSON{s.Name, s.Date, len(s.Banks), len(s.Participants)})
	}
	return out
}

func (d directoryJSON) text() error {
	if d.SHA256 == "" {
		fmt.Println("no list of banks has been imported")
		return nil
	}
	fmt.Printf("version %s of %s, stored %s\nsha256 %s\n\n", d.Version, d.Date, d.Stored, d.SHA256)
	rows := [][]string{{"SOURCE", "VALID FROM", "BANK CODES", "REACHABLE BICS"}}
	for _, s := range d.Sources {
		rows = append(rows, []string{s.Name, s.Date.String(), strconv.Itoa(s.Banks), strconv.Itoa(s.Participants)})
	}
	return table(rows...)
}

type directoryImport struct {
	opened
	File    string `arg:"" help:"File of the Bundesbank (bank codes, or SCL directory), of SIX, of the OeNB, or of kontor admin directory export." type:"existingfile"`
	Format  string `help:"bundesbank, scl, six, oenb or kontor; default is what the file shows." enum:",bundesbank,scl,six,oenb,kontor" default:"" env:"-"`
	From    string `name:"valid-from" help:"Day from which the file counts, where it does not say it itself (bundesbank, oenb); default is today." placeholder:"DATE" env:"-"`
	Version string `name:"as" help:"Name of the new version of the directory; default is today's date." placeholder:"VERSION" env:"-"`
}

// Run imports the file.
func (c *directoryImport) Run(ctx context.Context, log *slog.Logger) error {
	today := calendar.Of(time.Now().In(calendar.Berlin()))
	from, err := dayOr(c.From, today)
	if err != nil {
		return err
	}
	if c.Version == "" {
		c.Version = today.String()
	}
	file, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // read only
	sources, err := directory.Import(file, directory.Format(c.Format), from)
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	return c.look(ctx, log, func(h *app.Hub) error {
		d, t, err := h.Onboard.ImportBanks(ctx, operator(), c.Version, today, sources...)
		if err != nil {
			return err
		}
		out := asDirectoryJSON(d, t)
		for _, s := range sources {
			for _, row := range s.Skipped {
				out.Skipped = append(out.Skipped, row.Error())
			}
		}
		return c.print(out, func() error {
			for i, row := range out.Skipped {
				if i == skippedShown {
					fmt.Printf("and %d more\n", len(out.Skipped)-i)
					break
				}
				fmt.Println("row not used:", row)
			}
			return out.text()
		})
	})
}

// skippedShown is how many rows that could not be used are named to people.
const skippedShown = 10

// dayOr reads a day, or returns another if there is none.
func dayOr(text string, other calendar.Date) (calendar.Date, error) {
	if text == "" {
		return other, nil
	}
	d, err := calendar.Parse(text)
	if err != nil {
		return d, hub.Errorf(hub.CodeInvalid, "%q is no day of the form YYYY-MM-DD", text)
	}
	return d, nil
}

type directoryShow struct{ opened }

// Run shows what has been imported.
func (c *directoryShow) Run(ctx context.Context, log *slog.Logger) error {
	return c.look(ctx, log, func(h *app.Hub) error {
		d, t, _, err := h.Onboard.BankDirectory(ctx)
		if err != nil {
			return err
		}
		out := asDirectoryJSON(d, t)
		return c.print(out, out.text)
	})
}

type directoryLookUp struct {
	opened
	Number string `arg:"" help:"An IBAN, or a BIC of 8 or 11 characters."`
	Date   string `help:"For which day; default is today." placeholder:"DATE" env:"-"`
}

type lookUpJSON struct {
	BankCode string      `json:"bankCode,omitempty"`
	Listed   *bool       `json:"listed,omitempty"` // of an IBAN: whether the bank code is; absent when no list has the country
	BIC      account.BIC `json:"bic,omitempty"`
	Reach    []string    `json:"reach"` // schemes
	Known    bool        `json:"known"` // whether a list tells of the BIC's schemes
}

// Run looks one number up.
func (c *directoryLookUp) Run(ctx context.Context, log *slog.Logger) error {
	on, err := dayOr(c.Date, calendar.Of(time.Now().In(calendar.Berlin())))
	if err != nil {
		return err
	}
	number := strings.ToUpper(strings.ReplaceAll(c.Number, " ", ""))
	return c.look(ctx, log, func(h *app.Hub) error {
		_, t, has, err := h.Onboard.BankDirectory(ctx)
		if err != nil {
			return err
		}
		if !has {
			return hub.Errorf(hub.CodeNotFound, "no list of banks has been imported")
		}
		out, err := lookUp(t, number, on)
		if err != nil {
			return err
		}
		return c.print(out, out.text)
	})
}

func lookUp(t *directory.Table, number string, on calendar.Date) (lookUpJSON, error) {
	out := lookUpJSON{Reach: []string{}}
	switch {
	case account.CheckIBAN([]byte(number)) == nil:
		out.BankCode = account.BankCode(number)
		if listed, covered := directory.Listed(t, number, on); covered {
			out.Listed = &listed
		}
		out.BIC, _ = directory.BICOf(t, number, on)
	case account.CheckBIC([]byte(number)) == nil:
		out.BIC = account.BIC(number)
	default:
		return out, hub.Errorf(hub.CodeInvalid, "%q is neither an IBAN nor a BIC", number)
	}
	reach, known := directory.ReachOf(t, out.BIC, on)
	out.Known = known
	for _, s := range directory.Schemes() {
		if reach.Has(s) {
			out.Reach = append(out.Reach, s.String())
		}
	}
	return out, nil
}

func (l lookUpJSON) text() error {
	code, bic, reach := "", "not known", "not known"
	switch {
	case l.BankCode == "":
	case l.Listed == nil:
		code = l.BankCode + ", of a country without a list"
	case *l.Listed:
		code = l.BankCode
	default:
		code = l.BankCode + ", which no list has"
	}
	if l.BIC != "" {
		bic = string(l.BIC)
	}
	if l.Known {
		reach = "by none"
		if len(l.Reach) > 0 {
			reach = strings.Join(l.Reach, ", ")
		}
	}
	if code != "" {
		fmt.Println("bank code ", code)
	}
	fmt.Println("BIC       ", bic)
	fmt.Println("reachable ", reach)
	return nil
}

type directoryExport struct {
	opened
	File string `arg:"" help:"File to write; one that exists is replaced." type:"path"`
}

// Run writes the directory.
func (c *directoryExport) Run(ctx context.Context, log *slog.Logger) error {
	return c.look(ctx, log, func(h *app.Hub) error {
		d, t, has, err := h.Onboard.BankDirectory(ctx)
		if err != nil {
			return err
		}
		if !has {
			return hub.Errorf(hub.CodeNotFound, "no list of banks has been imported")
		}
		var text strings.Builder
		if err := t.Write(&text); err != nil {
			return err
		}
		if err := folder.WriteFile(c.File, []byte(text.String())); err != nil {
			return fmt.Errorf("write %s: %w", c.File, err)
		}
		return c.print(asDirectoryJSON(d, t), func() error {
			fmt.Printf("version %s written to %s, sha256 %s\n", d.Version, c.File, d.SHA256)
			return nil
		})
	})
}

type directoryClear struct{ opened }

// Run removes the directory.
func (c *directoryClear) Run(ctx context.Context, log *slog.Logger) error {
	return c.look(ctx, log, func(h *app.Hub) error {
		if err := h.Onboard.ClearBanks(ctx, operator()); err != nil {
			return err
		}
		return c.print(map[string]any{"cleared": true}, func() error {
			fmt.Println("the bank directory is empty")
			return nil
		})
	})
}
