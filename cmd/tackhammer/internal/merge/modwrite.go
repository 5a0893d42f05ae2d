package merge

import (
	"maps"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"

	"github.com/tackhammer/tackhammer/kit"
)

// rewriteMod is the go.mod text with what it is to say. It fails with
// kit.Unsupported where the file cannot be made to say it.
func rewriteMod(text []byte, want modState) ([]byte, error) {
	f, err := modfile.Parse("go.mod", text, nil)
	if err != nil {
		return nil, kit.Errorf(kit.Invalid, "merge go.mod: %w", err)
	}
	if err := setMod(f, want); err != nil {
		return nil, kit.Errorf(kit.Unsupported, "merge go.mod: %w", err)
	}
	f.SortBlocks()
	f.Cleanup()
	out, err := f.Format()
	if err != nil {
		return nil, kit.Errorf(kit.Unsupported, "merge go.mod: %w", err)
	}
	again, err := modfile.Parse("go.mod", out, nil)
	if err != nil || !maps.Equal(modOf(again), want) {
		return nil, kit.Errorf(kit.Unsupported, "merge go.mod: it cannot be rewritten in place")
	}
	return out, nil
}

// setMod makes the statements of f those that are wanted.
func setMod(f *modfile.File, want modState) error {
	have := modOf(f)
	for _, k := range modKeys(have) {
		if _, stays := want[k]; !stays {
			if err := k.drop(f); err != nil {
				return err
			}
		}
	}
	for _, k := range modKeys(want) {
		if want[k] == have[k] {
			continue
		}
		if err := k.put(f, want[k]); err != nil {
			return err
		}
	}
	if !maps.Equal(requires(have), requires(want)) {
		f.SetRequireSeparateIndirect(requireList(want))
	}
	return nil
}

// requires are the statements that are set all at once.
func requires(s modState) modState {
	s = maps.Clone(s)
	maps.DeleteFunc(s, func(k modKey, _ string) bool { return k.kind != "require" && k.kind != "indirect" })
	return s
}

func requireList(s modState) []*modfile.Require {
	var list []*modfile.Require
	for _, k := range modKeys(s) {
		if k.kind == "require" {
			_, indirect := s[modKey{kind: "indirect", name: k.name}]
			list = append(list, &modfile.Require{Mod: module.Version{Path: k.name, Version: s[k]}, Indirect: indirect})
		}
	}
	return list
}

func (k modKey) drop(f *modfile.File) error {
	switch k.kind {
	case "go":
		f.DropGoStmt()
	case "toolchain":
		f.DropToolchainStmt()
	case "replace":
		return f.DropReplace(k.name, k.version)
	case "exclude":
		return f.DropExclude(k.name, k.version)
	case "retract":
		return f.DropRetract(modfile.VersionInterval{Low: k.name, High: k.version})
	case "tool":
		return f.DropTool(k.name)
	case "ignore":
		return f.DropIgnore(k.name)
	case "godebug":
		return f.DropGodebug(k.name)
	}
	return nil
}

func (k modKey) put(f *modfile.File, text string) error {
	switch k.kind {
	case "module":
		return f.AddModuleStmt(text)
	case "go":
		return f.AddGoStmt(text)
	case "toolchain":
		return f.AddToolchainStmt(text)
	case "replace":
		to, version, _ := strings.Cut(text, " ")
		return f.AddReplace(k.name, k.version, to, version)
	case "exclude":
		return f.AddExclude(k.name, k.version)
	case "retract":
		return f.AddRetract(modfile.VersionInterval{Low: k.name, High: k.version}, strings.TrimPrefix(text, "+"))
	case "tool":
		return f.AddTool(k.name)
	case "ignore":
		return f.AddIgnore(k.name)
	case "godebug":
		return f.AddGodebug(k.name, text)
	}
	return nil
}

// markMod puts marks around the statement that both sides changed.
func markMod(text []byte, k modKey, states [3]modState, n Names) ([]byte, error) {
	lines := splitLines(text)
	at := slices.IndexFunc(lines, func(l string) bool { return k.is(l, states[1][k]) })
	if at < 0 {
		return nil, kit.Errorf(kit.Unsupported, "merge go.mod: the line of %s cannot be found", k.name)
	}
	version := func(s modState) []string {
		if s[k] == "" {
			return nil
		}
		return []string{strings.Replace(lines[at], k.behind(states[1][k]), k.behind(s[k]), 1)}
	}
	marked := conflict(version(states[0]), lines[at:at+1], version(states[2]), n)
	return []byte(strings.Join(slices.Concat(lines[:at], marked, lines[at+1:]), "")), nil
}

// is reports whether a line is the statement with that text.
func (k modKey) is(line, text string) bool {
	words := strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), k.kind+" "))
	line = strings.Join(words, " ")
	return strings.HasPrefix(line, strings.TrimSuffix(k.name+" "+k.version, " ")+" =") || strings.HasPrefix(line, k.name+"=") && strings.Contains(line, text)
}

// behind is the part of the line that the sides make different.
func (k modKey) behind(text string) string {
	if k.kind == "godebug" {
		return "=" + text
	}
	return "=> " + text
}

// conflict is a few lines of each version between marks.
func conflict(base, ours, theirs []string, n Names) []string {
	mark := func(c, name string) []string {
		return []string{strings.TrimSuffix(strings.Repeat(c, markSize)+" "+name, " ") + "\n"}
	}
	return slices.Concat(mark("<", n.Ours), ours, mark("|", n.Base), base, mark("=", ""), theirs, mark(">", n.Theirs))
}
