// Package scaffold turns what a user asked for into the files of an app.
//
// The work has three parts, and only the last one touches a disk. A Spec says
// what is wanted. Source.Plan reads a template and the kit, renders every file
// in memory, and returns the operations sorted by path: the same Spec and the
// same Source always give the same bytes. Plan.Apply writes them into a
// staging folder beside the target and renames it into place, so that a
// failure or a signal leaves nothing behind.
//
//	plan, err := src.Plan(scaffold.Spec{Template: "receipts", Name: "receipts-desk"})
//	if err != nil {
//		return err
//	}
//	return plan.Apply(ctx, "receipts-desk")
//
// An app that is there gets its next state in the same three parts. Source.Next
// merges what was made, the team's tree and what is made now, in memory;
// Next.Try builds and tests the result in a copy; Next.Apply writes it through a
// journal, so that an app is the old one or the new one wherever it is killed,
// once Recover has looked at it. Update, add and remove are this one engine.
//
// Errors carry kit.Invalid when the user asked for what cannot be, and
// kit.Conflict when the target is in the way.
package scaffold

import (
	"cmp"
	"io/fs"
	"slices"

	"github.com/tackhammer/tackhammer/kit"
)

// Version is the release that generated apps are marked with.
const Version = "0.1.0"

// Source is what apps are made from.
type Source struct {
	Templates fs.FS  // one folder a template, and common: what all of them share
	Kit       fs.FS  // the kit's root: kit.go, go.mod.tmpl and the rooms
	Version   string // of the program that makes apps, without v. Defaults to Version
	own       *own   // what Use added
}

func (s Source) version() string { return cmp.Or(s.Version, Version) }

// List reads the manifests of all templates, in order of name.
func (s Source) List() ([]Manifest, error) {
	names, err := s.folders()
	if err != nil {
		return nil, err
	}
	var all []Manifest
	for _, name := range names {
		m, err := s.manifest(name)
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, nil
}

// Names lists the templates' names, sorted.
func (s Source) Names() []string {
	all, err := s.List()
	if err != nil {
		return nil
	}
	var names []string
	for _, m := range all {
		names = append(names, m.Name)
	}
	slices.Sort(names)
	return names
}

// folders lists the templates' folders, sorted.
func (s Source) folders() ([]string, error) {
	dirs, err := fs.ReadDir(s.Templates, ".")
	if err != nil {
		return nil, kit.Errorf(kit.Internal, "list templates: %w", err)
	}
	var names []string
	for _, d := range dirs {
		if d.IsDir() && d.Name() != commonDir {
			names = append(names, d.Name())
		}
	}
	return names, nil
}
