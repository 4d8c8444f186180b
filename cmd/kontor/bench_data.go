package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"kontor/benchdata"
	"kontor/cmd/kontor/verify"
)

// benchDataCommand writes files to measure with, as large as somebody wants.
type benchDataCommand struct {
	Kind   string `arg:"" enum:"payments,statement,mt940" help:"payments (pain.001.001.09), statement (camt.053.001.08) or mt940."`
	Count  int    `arg:"" help:"How many payments or entries."`
	Output string `help:"File to write; default is standard output." type:"path" short:"o" placeholder:"FILE"`
	Indent bool   `help:"Every element of XML on a line of its own."`
}

// Run writes the file.
func (c *benchDataCommand) Run(context.Context) (err error) {
	var out io.Writer = os.Stdout
	if c.Output != "" && c.Output != verify.StandardInput {
		file, ferr := os.OpenFile(c.Output, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if ferr != nil {
			return fmt.Errorf("create file: %w", ferr)
		}
		defer func() {
			if err = errors.Join(err, file.Close()); err != nil {
				_ = os.Remove(c.Output) // it was made just now, and is not whole
			}
		}()
		out = file
	}
	buffered := bufio.NewWriterSize(out, 1<<20)
	switch c.Kind {
	case "payments":
		err = benchdata.CreditTransfer(buffered, c.Count, benchdata.Layout{Indent: c.Indent})
	case "statement":
		err = benchdata.Statement(buffered, c.Count, benchdata.Layout{Indent: c.Indent})
	default:
		err = benchdata.MT940(buffered, c.Count)
	}
	return errors.Join(err, buffered.Flush())
}
