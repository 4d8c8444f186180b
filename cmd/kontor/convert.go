package main

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"kontor/cmd/kontor/verify"
	"kontor/dtazv"
	"kontor/finding"
	"kontor/inspect"
	"kontor/iso20022/axz"
	"kontor/iso20022/camt"
	"kontor/swiftmt"
)

// convertCommand is `kontor convert`.
type convertCommand struct {
	Input    string `arg:"" help:"File to convert, also the only one in a .gz or .zip; - is standard input." type:"existingfile"`
	Output   string `arg:"" help:"File to write; it must not exist. A .zip gets one camt.053 for each statement; - is standard output." type:"path"`
	To       string `help:"pain.001 (from DTAZV), camt.053 (from MT940), mt940 (from camt.053) or mt942 (from camt.052); default is what the input can become." enum:",pain.001,camt.053,mt940,mt942" default:""`
	Charset  string `help:"Of an MT document: to read, default found out; to write, default ISO-8859-1." placeholder:"NAME"`
	Message  string `name:"message-id" help:"Id of a pain.001; default is made of the DTAZV file." placeholder:"ID"`
	Language string `help:"Of what is told: en, de or sv; default is the environment's." enum:",en,de,sv" default:""`
}

// Run converts. What the new format has no place for is told, and makes no failure.
func (c *convertCommand) Run(ctx context.Context) (err error) {
	input, err := c.spool(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, input.Close()) }()
	from, _, err := inspect.Recognise(input)
	if err != nil {
		return fmt.Errorf("read %s: %w", c.Input, err)
	}
	if _, err := input.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("read %s: %w", c.Input, err)
	}
	write, err := c.conversion(from)
	if err != nil {
		return err
	}
	return c.write(func(out io.Writer) ([]finding.Finding, error) { return write(out, input) })
}

// conversion writes the output and returns what is to be told.
type conversion func(io.Writer, io.ReadSeeker) ([]finding.Finding, error)

// conversion chooses by what the input is, never by its name.
func (c *convertCommand) conversion(from inspect.Format) (conversion, error) {
	wanted := func(to string) bool { return c.To == "" || c.To == to }
	mt := swiftmt.ConvertOptions{Charset: swiftmt.Charset(c.Charset), CreationDateTime: time.Now().UTC().Format(time.RFC3339)}
	switch {
	case from.Kind == inspect.KindDTAZV && wanted("pain.001"):
		return func(w io.Writer, r io.ReadSeeker) ([]finding.Finding, error) {
			result, err := axz.Convert(w, r, axz.Options{Read: dtazv.Options{}, MessageID: c.Message, Created: time.Now()})
			return result.Findings, err
		}, nil
	case from.Kind == inspect.KindSWIFT && wanted("camt.053"):
		return func(w io.Writer, r io.ReadSeeker) ([]finding.Finding, error) {
			return c.statements(w, r, mt)
		}, nil
	case strings.HasPrefix(from.Name, "camt.053.") && wanted("mt940"), strings.HasPrefix(from.Name, "camt.052.") && wanted("mt942"):
		return func(w io.Writer, r io.ReadSeeker) ([]finding.Finding, error) {
			result, err := swiftmt.FromCamt(r, w, mt)
			return result.Warnings, err
		}, nil
	}
	name := from.Name
	if name == "" {
		name = "a file of no known format"
	}
	if c.To == "" {
		return nil, fmt.Errorf("%s is %s, which is not converted: DTAZV becomes pain.001, MT940 becomes camt.053, camt.053 becomes MT940, camt.052 becomes MT942", c.Input, name)
	}
	return nil, fmt.Errorf("%s is %s, which cannot become %s", c.Input, name, c.To)
}

// statements writes one camt.053 for each statement: one file, or a container of them, as banks deliver, if the output is named .zip.
func (c *convertCommand) statements(w io.Writer, r io.ReadSeeker, o swiftmt.ConvertOptions) ([]finding.Finding, error) {
	packed := strings.EqualFold(filepath.Ext(c.Output), ".zip")
	archive := zip.NewWriter(w)
	written := 0
	result, err := swiftmt.ToCamt(r, func(s *camt.Statement) (io.WriteCloser, error) {
		written++
		switch {
		case packed:
			member, err := archive.Create(fmt.Sprintf("%06d_%s.xml", written, plainName(s.IBAN+s.OtherAccount)))
			return unclosed{member}, err
		case written > 1:
			return nil, errors.New("the file has several statements, and a camt.053 here has one: name the output .zip to get them all")
		}
		return unclosed{w}, nil
	}, o)
	if err == nil && written == 0 {
		err = errors.New("the file has no statement")
	}
	if packed {
		err = errors.Join(err, archive.Close())
	}
	return result.Warnings, err
}

// unclosed is a writer that somebody else closes.
type unclosed struct{ io.Writer }

func (unclosed) Close() error { return nil }

// plainName keeps of an account what every file system takes.
func plainName(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			return r
		}
		return '-'
	}, text)
}

// spool opens the input; what is packed is unpacked into a file that has no name, for conversions read twice.
func (c *convertCommand) spool(ctx context.Context) (*os.File, error) {
	source, _, err := verify.Open(ctx, c.Input, os.Stdin)
	if err != nil {
		return nil, c.unread(err)
	}
	var out *os.File
	members := 0
	err = inspect.Unpack(source, c.Input, inspect.Limits{}, func(m inspect.Member) error {
		if members++; members > 1 {
			return fmt.Errorf("%s holds several files: unpack it and convert them one by one", c.Input)
		}
		if m.Reader == io.Reader(source) {
			_, err := source.Seek(0, io.SeekStart)
			out = source
			return err
		}
		file, err := os.CreateTemp("", "kontor-convert-*")
		if err != nil {
			return err
		}
		out = file
		if err := os.Remove(file.Name()); err != nil { // it lives until it is closed
			return err
		}
		if _, err := io.Copy(file, m); err != nil {
			return err
		}
		_, err = file.Seek(0, io.SeekStart)
		return err
	})
	if _, container := errors.AsType[*inspect.ContainerError](err); container {
		err = c.unread(err)
	}
	if err == nil && out == nil {
		err = fmt.Errorf("%s holds no file", c.Input)
	}
	if out != source {
		err = errors.Join(err, source.Close())
	}
	if err != nil && out != nil {
		err = errors.Join(err, out.Close())
	}
	if err == nil {
		err = ctx.Err()
	}
	return out, err
}

// unread says why the input is not read, in the language of what is told. The sentence takes the place of the error, which nobody matches.
func (c *convertCommand) unread(err error) error {
	return fmt.Errorf("%s: %s", c.Input, verify.Reason(err, c.Language, os.Getenv))
}

// write makes the output whole or not at all: it is written beside its place and moved there at the end, or copied to standard output.
func (c *convertCommand) write(convert func(io.Writer) ([]finding.Finding, error)) (err error) {
	folder := filepath.Dir(c.Output)
	if c.Output == verify.StandardInput {
		folder = ""
	} else if _, err := os.Lstat(c.Output); err == nil {
		return fmt.Errorf("%s exists already", c.Output)
	}
	file, err := os.CreateTemp(folder, ".kontor-convert-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(file.Name()) }() // gone already when it was moved
	told, err := convert(file)
	if terr := c.tell(told); err == nil {
		err = terr
	}
	if err == nil && c.Output == verify.StandardInput {
		if _, err = file.Seek(0, io.SeekStart); err == nil {
			_, err = io.Copy(os.Stdout, file)
		}
		return errors.Join(err, file.Close())
	}
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("convert %s: %w", c.Input, err)
	}
	return os.Link(file.Name(), c.Output) // unlike a rename, it fails where a file has appeared meanwhile
}

// tell prints what is to be told, on standard error.
func (c *convertCommand) tell(told []finding.Finding) error {
	slices.SortStableFunc(told, func(a, b finding.Finding) int { return strings.Compare(string(a.Severity), string(b.Severity)) })
	return verify.Tell(os.Stderr, told, c.Language, os.Getenv)
}
