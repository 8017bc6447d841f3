# SPDX-License-Identifier: Apache-2.0
package cordon.commit

import data.cordon.lib.changes
import data.cordon.lib.findings
import data.cordon.lib.globs
import data.cordon.lib.params
import data.cordon.lib.text

# METADATA
# title: Forbidden paths
# description: |
#   Places where nothing may be changed, whatever a person says: directories of the system, keys and configuration of a
#   home directory, and what `globs` adds. Paths are judged as they are on the host, absolute and resolved, so a
#   workspace of /etc or of / is no way around, nor is a link that leads there. A deleted directory counts where
#   something forbidden may have been in it.
# custom:
#   module: forbidden-paths
#   findings:
#     system:
#       verdict: deny
#       severity: critical
#       what: a path, or what a link leads to, is part of the system
#       hint: give the session another workspace
#     home:
#       verdict: deny
#       severity: critical
#       what: a path, or what a link leads to, is where a home directory keeps keys and what runs by itself
#       hint: leave it out, and make the change yourself
#     globs:
#       verdict: deny
#       severity: high
#       what: "a path, or what a link leads to, is one of `globs`"
#       hint: leave it out with --except
#     unseen:
#       verdict: ask
#       severity: high
#       what: "a deleted directory may have held one of `globs`"
#       hint: look at what is in it now
#   params:
#     globs:
#       stricter: superset
#       description: "patterns over paths below the root, such as \"infra/prod/**\" or \"**/*.sql\", or absolute ones such as \"/srv/**\", without regard to case. `*` stays within a component, `**` does not; what is below a match counts, too"
#       default: []
#     system:
#       stricter: superset
#       description: directories of the system
#       default:
#         - "/bin"
#         - "/boot"
#         - "/dev"
#         - "/etc"
#         - "/lib"
#         - "/lib32"
#         - "/lib64"
#         - "/libx32"
#         - "/nix/store"
#         - "/proc"
#         - "/run"
#         - "/sbin"
#         - "/snap"
#         - "/sys"
#         - "/usr"
#         - "/var/cache"
#         - "/var/lib"
#         - "/var/log"
#         - "/var/mail"
#         - "/var/run"
#         - "/var/spool"
#     projects:
#       stricter: subset
#       description: directories below them in which projects may lie after all
#       default: ["/usr/local/src", "/usr/src", "/var/lib/jenkins/workspace"]
#     home:
#       stricter: superset
#       description: paths below a home directory, which is /root or one below /home
#       default:
#         - ".ssh"
#         - ".gnupg"
#         - ".aws"
#         - ".azure"
#         - ".kube"
#         - ".docker"
#         - ".password-store"
#         - ".mozilla"
#         - ".config/autostart"
#         - ".config/systemd"
#         - ".config/gcloud"
#         - ".config/gh"
#         - ".local/share/keyrings"
#         - ".netrc"
#         - ".git-credentials"
#         - ".pgpass"
#         - ".bashrc"
#         - ".bash_profile"
#         - ".bash_login"
#         - ".profile"
#         - ".zshrc"
#         - ".zshenv"
#         - ".zprofile"
forbidden_paths_about := rego.metadata.rule()

forbidden_paths_params := params.of(forbidden_paths_about)

# ---- what is looked at ----

# Of most roots no path can lie in such a place but through a link.
forbidden_paths_suspects := [item | some item in changes.items; forbidden_paths_suspect(item.entry)]

forbidden_paths_suspect(entry) if entry.root in forbidden_paths_roots_near

forbidden_paths_suspect(entry) if entry.new.type == "symlink"

forbidden_paths_roots_near := {i | some i, root in input.changeset.roots; forbidden_paths_near(globs.directory(root))}

forbidden_paths_near(root) if {
	some directory in forbidden_paths_system
	startswith(directory, root)
}

forbidden_paths_near(root) if strings.any_prefix_match(root, forbidden_paths_system)

forbidden_paths_near(root) if root in {"/root/", "/home/", "/"}

forbidden_paths_near(root) if regex.match(`^/home/[^/]+/$`, root)

forbidden_paths_near(root) if forbidden_paths_in_home(root)

forbidden_paths_near(root) if {
	some directory in forbidden_paths_home
	startswith(directory, forbidden_paths_below_home(root))
}

# Everything below a root that is not there would be passed over.
forbidden_paths_suspect(entry) if not input.changeset.roots[entry.root]

# ---- the system ----

forbidden_paths_system := {globs.directory(path) | some path in forbidden_paths_params.system}

forbidden_paths_projects := {globs.directory(path) | some path in forbidden_paths_params.projects}

forbidden_paths_in_system(path) if {
	strings.any_prefix_match(globs.directory(path), forbidden_paths_system)
	not strings.any_prefix_match(globs.directory(path), forbidden_paths_projects)
}

forbidden_paths_touches_system(entry) if forbidden_paths_in_system(entry.path)

forbidden_paths_touches_system(entry) if forbidden_paths_in_system(entry.new.resolved)

# A deleted or replaced directory takes along what is below it.
forbidden_paths_touches_system(entry) if {
	"tree" in entry.flags
	some directory in forbidden_paths_system
	startswith(directory, globs.directory(entry.path))
}

forbidden_paths contains findings.of(forbidden_paths_about, "system", msg, paths) if {
	paths := [item.entry.path | some item in forbidden_paths_suspects; forbidden_paths_touches_system(item.entry)]
	count(paths) > 0
	msg := sprintf("%s in a directory of the system, or leads there", [text.number_verb(count(paths), "path", "lies", "lie")])
}

# ---- homes ----

forbidden_paths_home := {globs.directory(path) | some path in forbidden_paths_params.home}

forbidden_paths_in_home(path) if strings.any_prefix_match(forbidden_paths_below_home(path), forbidden_paths_home)

forbidden_paths_below_home(path) := lower(globs.directory(trim_prefix(path, "/root/"))) if startswith(path, "/root/")

forbidden_paths_below_home(path) := lower(globs.directory(concat("/", array.slice(parts, 3, count(parts))))) if {
	startswith(path, "/home/")
	parts := split(path, "/")
	count(parts) > 3
}

forbidden_paths_touches_home(entry) if forbidden_paths_in_home(entry.path)

forbidden_paths_touches_home(entry) if forbidden_paths_in_home(entry.new.resolved)

# A whole home.
forbidden_paths_touches_home(entry) if {
	"tree" in entry.flags
	regex.match(`^/root$|^/home(/[^/]+)?$`, entry.path)
}

forbidden_paths contains findings.of(forbidden_paths_about, "home", msg, paths) if {
	paths := [item.entry.path | some item in forbidden_paths_suspects; forbidden_paths_touches_home(item.entry)]
	count(paths) > 0
	msg := sprintf("%s where a home directory keeps keys and what runs by itself, or leads there", [
		text.number_verb(count(paths), "path", "lies", "lie"),
	])
}

# ---- globs ----

forbidden_paths_relative := globs.index([glob | some glob in forbidden_paths_params.globs; not startswith(glob, "/")])

forbidden_paths_absolute := globs.index([glob | some glob in forbidden_paths_params.globs; startswith(glob, "/")])

forbidden_paths_matches(item) if globs.match(forbidden_paths_relative, item.path)

forbidden_paths_matches(item) if globs.match(forbidden_paths_absolute, lower(item.entry.path))

forbidden_paths_matches(item) if globs.match(forbidden_paths_absolute, lower(item.entry.new.resolved))

forbidden_paths_matches(item) if {
	root := globs.directory(input.changeset.roots[item.entry.root])
	startswith(item.entry.new.resolved, root)
	globs.match(forbidden_paths_relative, lower(concat("", ["/", trim_prefix(item.entry.new.resolved, root)])))
}

forbidden_paths contains findings.of(forbidden_paths_about, "globs", msg, paths) if {
	count(forbidden_paths_params.globs) > 0
	paths := [item.entry.path | some item in changes.items; forbidden_paths_matches(item)]
	count(paths) > 0
	msg := sprintf("%s one of the %d patterns that nothing may be changed below", [
		text.number_verb(count(paths), "path", "is", "are"), count(forbidden_paths_params.globs),
	])
}

forbidden_paths_may_hold(item) if globs.may_hold(forbidden_paths_relative, item.path)

forbidden_paths_may_hold(item) if globs.may_hold(forbidden_paths_absolute, lower(item.entry.path))

forbidden_paths contains findings.of(forbidden_paths_about, "unseen", msg, paths) if {
	count(forbidden_paths_params.globs) > 0
	paths := [item.entry.path |
		some item in changes.items
		"tree" in item.entry.flags
		item.entry.below > 0
		forbidden_paths_may_hold(item)
	]
	count(paths) > 0
	msg := sprintf("%s in which something may be that nothing may be done to", [
		text.number_verb(count(paths), "directory", "goes away,", "go away,"),
	])
}

forbidden_paths contains finding if some finding in findings.about_params(forbidden_paths_about)

deny contains finding if {
	some finding in forbidden_paths
	findings.verdict(forbidden_paths_about, finding.rule) == "deny"
}

ask contains finding if {
	some finding in forbidden_paths
	findings.verdict(forbidden_paths_about, finding.rule) == "ask"
}

warn contains finding if {
	some finding in forbidden_paths
	findings.verdict(forbidden_paths_about, finding.rule) == "warn"
}
