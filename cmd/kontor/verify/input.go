package verify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"kontor/finding"
	"kontor/inspect"
)

// StandardInput is the name that stands for what comes in by standard input.
const StandardInput = "-"

// spoolMost is how much of standard input is taken.
const spoolMost = 16 << 30

// inputError says why an input is not read at all.
type inputError struct {
	text finding.Texts
	err  error // the cause, if any
}

// Error implements error.
func (e *inputError) Error() string { return e.text.EN }

// Unwrap returns the cause.
func (e *inputError) Unwrap() error { return e.err }

var (
	emptyContainer = finding.Texts{EN: "the container has no files", DE: "der Container enthält keine Dateien", SV: "behållaren har inga filer"}
	isFolder       = finding.Texts{EN: "it is a folder, no file", DE: "das ist ein Ordner, keine Datei", SV: "det är en mapp, ingen fil"}
	isStream       = finding.Texts{
		EN: "it is no file: what comes by a pipe is read as -, from standard input",
		DE: "das ist keine Datei: was durch eine Pipe kommt, wird als - von der Standardeingabe gelesen",
		SV: "det är ingen fil: det som kommer genom ett rör läses som -, från standard in",
	}
	isMissing   = finding.Texts{EN: "there is no such file", DE: "diese Datei gibt es nicht", SV: "filen finns inte"}
	isForbidden = finding.Texts{EN: "it may not be read (permissions)", DE: "sie darf nicht gelesen werden (Zugriffsrechte)", SV: "den får inte läsas (åtkomsträttigheter)"}
	noInput     = finding.Texts{EN: "there is no standard input", DE: "es gibt keine Standardeingabe", SV: "det finns ingen standard in"}
	longInput   = finding.Texts{EN: "it has more than {0} bytes", DE: "sie hat mehr als {0} Byte", SV: "den har mer än {0} byte"}
)

// Open opens a file to read and says its size. The name "-" is in, whole: what is no
// file is copied into one without a name first, since containers are not read from
// their beginning to their end. What is no regular file is refused before it is opened:
// a pipe that nobody writes to would be waited for without end. The caller closes.
func Open(ctx context.Context, name string, in *os.File) (*os.File, int64, error) {
	if name == StandardInput {
		return spool(ctx, in)
	}
	info, err := os.Stat(name)
	if err != nil {
		return nil, 0, system(err)
	}
	if err := regular(info); err != nil {
		return nil, 0, err
	}
	source, err := os.Open(name)
	if err != nil {
		return nil, 0, system(err)
	}
	if info, err = source.Stat(); err == nil {
		err = regular(info) // another may have taken its place
	}
	if err != nil {
		return nil, 0, errors.Join(system(err), source.Close())
	}
	return source, info.Size(), nil
}

func regular(info fs.FileInfo) error {
	switch {
	case info.IsDir():
		return &inputError{isFolder, nil}
	case !info.Mode().IsRegular():
		return &inputError{isStream, nil}
	}
	return nil
}

// system gives the commonest errors of the file system a sentence, and leaves the path out of the others: it is shown before them.
func system(err error) error {
	switch p, ok := errors.AsType[*fs.PathError](err); {
	case errors.Is(err, fs.ErrNotExist):
		return &inputError{isMissing, err}
	case errors.Is(err, fs.ErrPermission):
		return &inputError{isForbidden, err}
	case ok:
		return p.Err
	}
	return err
}

func spool(ctx context.Context, in *os.File) (*os.File, int64, error) {
	if in == nil {
		return nil, 0, &inputError{noInput, nil}
	}
	file, err := os.CreateTemp("", "kontor-input-*")
	if err != nil {
		return nil, 0, fmt.Errorf("copying standard input: %w", err)
	}
	err = os.Remove(file.Name()) // it lives until it is closed
	type result struct {
		n   int64
		err error
	}
	copied := make(chan result, 1)
	go func() { // a read of a terminal or pipe does not end with the context: only the program's end ends it
		n, err := io.Copy(file, io.LimitReader(in, spoolMost+1))
		copied <- result{n, err}
	}()
	select {
	case <-ctx.Done():
		return nil, 0, ctx.Err()
	case r := <-copied:
		if err = errors.Join(err, r.err); err == nil && r.n > spoolMost {
			text := longInput
			for _, t := range []*string{&text.EN, &text.DE, &text.SV} {
				*t = strings.ReplaceAll(*t, "{0}", strconv.FormatInt(spoolMost, 10))
			}
			err = &inputError{text, nil}
		}
		if err == nil {
			_, err = file.Seek(0, io.SeekStart)
		}
		if err != nil {
			return nil, 0, errors.Join(err, file.Close())
		}
		return file, r.n, nil
	}
}

// Reason says why an input cannot be read, in "en", "de" or "sv", or "" for the language
// of the environment. What comes from the system or from a library stays in its language.
func Reason(err error, language string, getenv func(string) string) string {
	if language == "" {
		language = environment(getenv)
	}
	return reason(err, language)
}

// reason says in "en", "de" or "sv" why something cannot be read. What comes from the
// system or from a library stays in its language.
func reason(err error, language string) string {
	if e, ok := errors.AsType[*inputError](err); ok {
		return e.text.In(language)
	}
	if e, ok := errors.AsType[*inspect.UnknownError](err); ok {
		return e.In(language)
	}
	if e, ok := errors.AsType[*inspect.ContainerError](err); ok {
		return e.In(language) // its name is shown before it
	}
	return system(err).Error()
}
