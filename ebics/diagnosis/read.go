package diagnosis

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"

	"kontor/ebics"
	"kontor/ebics/internal/strictyaml"
	"kontor/finding"
)

//go:embed *.yaml
var files embed.FS

// catalogue is what the files say.
type catalogue struct {
	kinds   map[Kind][]Diagnosis
	unknown remedy
}

var load = sync.OnceValue(func() *catalogue {
	c, err := read(files)
	if err != nil {
		panic(err) // the files are part of the program, and a test reads them
	}
	return c
})

type texts struct {
	EN string `yaml:"en"`
	DE string `yaml:"de"`
	SV string `yaml:"sv"`
}

func (t texts) texts() finding.Texts { return finding.Texts{EN: t.EN, DE: t.DE, SV: t.SV} }
func (t texts) whole() bool          { return t.EN != "" && t.DE != "" && t.SV != "" }

type remedy struct {
	ID    string `yaml:"id"`
	Retry Retry  `yaml:"retry"`
	Next  texts  `yaml:"next"`
	Bank  texts  `yaml:"bank"`
}

type entry struct {
	Code    string  `yaml:"code"`
	Remedy  string  `yaml:"remedy"`
	Meaning texts   `yaml:"meaning"`
	Causes  []texts `yaml:"causes"`
}

// source is one file with its lists, by the key of each.
var sources = map[string]map[string]Kind{
	"returncodes-transport.yaml": {"codes": ReturnCode},
	"returncodes-orders.yaml":    {"codes": ReturnCode},
	"returncodes-keys.yaml":      {"codes": ReturnCode},
	"hac.yaml":                   {"actions": Action, "reasons": Reason},
	"status.yaml":                {"statuses": Status, "reasons": Refusal},
}

func read(folder fs.FS) (*catalogue, error) {
	remedies, err := readRemedies(folder)
	if err != nil {
		return nil, err
	}
	c := &catalogue{kinds: map[Kind][]Diagnosis{}, unknown: remedies["unknown"]}
	for name, lists := range sources {
		var file struct {
			Codes    []entry `yaml:"codes"`
			Actions  []entry `yaml:"actions"`
			Reasons  []entry `yaml:"reasons"`
			Statuses []entry `yaml:"statuses"`
		}
		document, err := decode(folder, name, &file)
		if err != nil {
			return nil, err
		}
		for key, entries := range map[string][]entry{"codes": file.Codes, "actions": file.Actions, "reasons": file.Reasons, "statuses": file.Statuses} {
			for i, e := range entries {
				kind, expected := lists[key]
				r, ok := remedies[e.Remedy]
				switch {
				case !expected:
					return nil, document.Errorf([]any{key}, "this list does not belong here")
				case !ok:
					return nil, document.Errorf([]any{key, i, "remedy"}, "there is no remedy %q", e.Remedy)
				case !e.Meaning.whole() || slices.ContainsFunc(e.Causes, func(t texts) bool { return !t.whole() }):
					return nil, document.Errorf([]any{key, i}, "%s: want en, de and sv everywhere", e.Code)
				case slices.ContainsFunc(c.kinds[kind], func(d Diagnosis) bool { return d.Code == e.Code }):
					return nil, document.Errorf([]any{key, i}, "%s stands there twice", e.Code)
				}
				c.kinds[kind] = append(c.kinds[kind], e.diagnosis(kind, r))
			}
		}
	}
	return c, nil
}

func readRemedies(folder fs.FS) (map[string]remedy, error) {
	var file struct {
		Remedies []remedy `yaml:"remedies"`
	}
	document, err := decode(folder, "remedies.yaml", &file)
	if err != nil {
		return nil, err
	}
	remedies := map[string]remedy{}
	for i, r := range file.Remedies {
		at := []any{"remedies", i}
		switch {
		case !slices.Contains([]Retry{None, Later, Resume, Once, Person, Fixed, Ask}, r.Retry):
			return nil, document.Errorf(append(at, "retry"), "%q is no class of retry", r.Retry)
		case !r.Next.whole() || !r.Bank.whole():
			return nil, document.Errorf(at, "%s: want en, de and sv everywhere", r.ID)
		case remedies[r.ID].ID != "":
			return nil, document.Errorf(at, "%s stands there twice", r.ID)
		}
		remedies[r.ID] = r
	}
	if remedies["unknown"].ID == "" {
		return nil, errors.New("remedies.yaml: no remedy unknown")
	}
	return remedies, nil
}

func decode(folder fs.FS, name string, into any) (*strictyaml.Document, error) {
	data, err := fs.ReadFile(folder, name)
	if err != nil {
		return nil, fmt.Errorf("reading diagnoses: %w", err)
	}
	document, err := strictyaml.Decode(name, data, into)
	if err != nil {
		return nil, fmt.Errorf("reading diagnoses: %w", err)
	}
	return document, nil
}

func (e entry) diagnosis(k Kind, r remedy) Diagnosis {
	d := Diagnosis{Kind: k, Code: e.Code, Meaning: e.Meaning.texts(), Next: r.Next.texts(), Bank: r.Bank.texts(), Retry: r.Retry, Known: true}
	if k == ReturnCode {
		d.Symbol = ebics.ReturnCode(e.Code).Symbol()
	}
	for _, c := range e.Causes {
		d.Causes = append(d.Causes, c.texts())
	}
	return d
}

// find returns what is known of a code, else what to do about an unknown one.
func (c *catalogue) find(k Kind, code string) Diagnosis {
	all := c.kinds[k]
	if at := slices.IndexFunc(all, func(d Diagnosis) bool { return d.Code == code }); at >= 0 {
		return all[at]
	}
	return Diagnosis{
		Kind: k, Code: code, Next: c.unknown.Next.texts(), Bank: c.unknown.Bank.texts(), Retry: c.unknown.Retry,
		Meaning: finding.Texts{EN: "This code is not known here.", DE: "Dieser Code ist hier nicht bekannt.", SV: "Den här koden är inte känd här."},
	}
}
