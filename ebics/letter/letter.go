// Package letter makes the papers that go to a bank by post, for people to sign: the initialisation letters INI and HIA, by which the bank
// recognises a subscriber's keys, and the agreement by which an account holder lets a service bureau work for him over EBICS. Each is in
// German, English, French and Swedish, as plain text for terminals and as PDF with one content.
//
// The same data give the same bytes.
package letter

import (
	"errors"
	"fmt"
	"io"
	"time"

	"kontor/ebics"
	"kontor/paper"
)

// Language of a paper.
type Language string

// The languages.
const (
	German  Language = "de"
	English Language = "en"
	French  Language = "fr"
	Swedish Language = "sv"
)

// Languages lists the languages.
func Languages() []Language { return []Language{German, English, French, Swedish} }

// ParseLanguage accepts de, en, fr and sv.
func ParseLanguage(text string) (Language, error) {
	l := Language(text)
	if _, ok := letterLanguages[l]; !ok {
		return "", fmt.Errorf("language %q: want de, en, fr or sv", clip(text))
	}
	return l, nil
}

// Initialisation is what the initialisation letters tell the bank.
type Initialisation struct {
	Language   Language
	Bank       string // name of the bank, free text
	Host       ebics.HostID
	Subscriber ebics.Subscriber
	Name       string    // of the person who signs; optional
	At         time.Time // printed in its own zone
	// Keys in the letter: the signature key (INI), the authentication and encryption key (HIA), or all three. A key with a certificate is
	// described by it: the bank compares the hash of the certificate then (H005, and H004 in France).
	Keys []ebics.PublicKey
}

// Text writes one letter for all keys as UTF-8 text. It refuses an unknown language, unusable keys and a letter without keys.
func (i Initialisation) Text(w io.Writer) error {
	words, sections, err := i.contents()
	if err != nil {
		return err
	}
	blocks := []block{words.parties(i)}
	for _, s := range sections {
		blocks = append(append(blocks, heading(s.heading)), s.blocks...)
	}
	return writeText(w, words.title, append(blocks, words.closing(i.Name)...))
}

// PDF writes the letters as PDF, each key on a page of its own that is complete in itself: some banks want a document per key. It refuses
// what Text refuses.
func (i Initialisation) PDF(w io.Writer) error {
	words, sections, err := i.contents()
	if err != nil {
		return err
	}
	about := paper.About{
		Title: words.title + " " + i.Subscriber.String(), Language: string(i.Language), Date: i.At,
		Footer: fmt.Sprintf("EBICS · %s · %s · %s", i.Host, i.Subscriber.Partner, i.Subscriber.User), Page: words.page,
	}
	doc := paper.New(about)
	for _, s := range sections {
		title := fmt.Sprintf("%s %s", words.title, s.order)
		doc.NewPage(title, s.heading, fmt.Sprintf("%s · %s · %s", title, s.version, i.Subscriber))
		draw(doc, append(append([]block{words.parties(i)}, s.blocks...), words.closing(i.Name)...))
	}
	return doc.Write(w)
}

// section is what a letter says of one key.
type section struct {
	order   ebics.OrderType // by which the key was sent
	version string
	heading string
	blocks  []block
}

func (i Initialisation) contents() (letterWords, []section, error) {
	words, ok := letterLanguages[i.Language]
	if !ok {
		return words, nil, fmt.Errorf("letter in language %q: want de, en, fr or sv", clip(string(i.Language)))
	}
	if len(i.Keys) == 0 {
		return words, nil, errors.New("letter without keys")
	}
	var sections []section
	for _, key := range i.Keys {
		if err := key.Check(); err != nil {
			return words, nil, fmt.Errorf("letter: %w", err)
		}
		s, err := words.section(key)
		if err != nil {
			return words, nil, err
		}
		sections = append(sections, s)
	}
	return words, sections, nil
}

// clip shortens foreign text for an error message.
func clip(text string) string {
	if len(text) > 40 {
		return text[:40] + "…"
	}
	return text
}
