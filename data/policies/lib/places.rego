# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Places that matter wherever they are
# description: |
#   Paths are absolute or "/"-led, folded, and end in "/" where they may be a directory.
package cordon.lib.places

# METADATA
# description: Directories of the system, which no project lies in.
system_directories := {
	"/bin", "/boot", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store", "/proc", "/run", "/sbin", "/snap",
	"/sys", "/usr", "/var/cache", "/var/lib", "/var/log", "/var/mail", "/var/run", "/var/spool",
}

# METADATA
# description: Directories below those in which people do keep projects.
project_directories := {"/usr/local/src", "/usr/src", "/var/lib/jenkins/workspace"}

# METADATA
# description: Where keys, configuration that programs obey, and history lie.
sensitive(path) if {
	contains(path, "/.")
	some directory in hidden_directories
	contains(path, directory)
}

sensitive(path) if {
	some directory in {"/etc/", "/proc/", "/sys/", "/dev/", "/boot/", "/root/", "/run/secrets/", "/var/run/", "/var/spool/"}
	startswith(path, directory)
}

hidden_directories := {
	"/.aws/", "/.azure/", "/.bash_profile/", "/.bashrc/", "/.config/", "/.cordon/", "/.docker/", "/.env/", "/.git/",
	"/.github/", "/.gnupg/", "/.kube/", "/.local/", "/.mozilla/", "/.netrc/", "/.npmrc/", "/.password-store/", "/.profile/",
	"/.pypirc/", "/.ssh/", "/.vscode/", "/.zshrc/",
}
