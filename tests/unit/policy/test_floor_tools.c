// SPDX-License-Identifier: Apache-2.0
/*
 * test_floor_tools.c - as an attacker: every file that common tools of a host obey unasked, one by one
 *
 * For each tool stand what matters, which must be a finding, and beside it the innocent edit of the same
 * file, which must be none: a rule that cries at every version bump is soon answered without looking.
 */
#include "unit/policy/world.h"

#define GIT "ask floor/git-config"
#define CONFIG(text) "write .git/config|" text

TEST(git_keys_that_run_or_redirect)
{
	static const char *const keys[] = {
		"[core]\nfsmonitor=x", "[core]\nsshCommand=x", "[core]\nhooksPath=x", "[core]\npager=x",
		"[core]\neditor=x", "[core]\naskPass=x", "[core]\ngitProxy=x", "[core]\nattributesFile=x",
		"[core]\nworktree=/", "[core]\nalternateRefsCommand=x", "[sequence]\neditor=x",
		"[pager]\nlog=x", "[alias]\na=!x", "[diff]\nexternal=x", "[diff \"a\"]\ncommand=x",
		"[diff \"a\"]\ntextconv=x", "[difftool \"a\"]\ncmd=x", "[mergetool \"a\"]\ncmd=x",
		"[merge \"a\"]\ndriver=x", "[filter \"a\"]\nclean=x", "[filter \"a\"]\nsmudge=x",
		"[filter \"a\"]\nprocess=x", "[credential]\nhelper=x",
		"[credential \"https://a\"]\nhelper=!x", "[gpg]\nprogram=x", "[gpg \"ssh\"]\nprogram=x",
		"[include]\npath=x", "[includeIf \"onbranch:m\"]\npath=x",
		"[url \"http://e/\"]\ninsteadOf=https://", "[url \"e\"]\npushInsteadOf=x",
		"[remote \"o\"]\nurl=x", "[remote \"o\"]\npushurl=x", "[remote \"o\"]\nuploadpack=x",
		"[remote \"o\"]\nreceivepack=x", "[remote \"o\"]\nproxy=x", "[remote \"o\"]\nvcs=x",
		"[remote \"o\"]\npush=+refs/*:refs/*", "[remote \"o\"]\nmirror=true",
		"[branch \"m\"]\nremote=https://e/x", "[branch \"m\"]\npushRemote=../e",
		"[protocol]\nallow=always", "[http]\nproxy=x", "[http]\nsslVerify=false",
		"[submodule \"a\"]\nupdate=!x", "[submodule \"a\"]\nurl=x", "[trailer \"a\"]\ncommand=x",
		"[browser \"a\"]\ncmd=x", "[man \"a\"]\ncmd=x", "[guitool \"a\"]\ncmd=x",
		"[sendemail]\nsmtpServer=/x", "[interactive]\ndiffFilter=x", "[init]\ntemplateDir=x",
		"[extensions]\nworktreeConfig=true", "[tar \"a\"]\ncommand=x", "[safe]\ndirectory=*",
		"[lfs]\nurl=x", "[uploadpack]\npackObjectsHook=x", "[pull]\ntwohead=x",
		"[gc]\nrecentObjectsHook=x", "[instaweb]\nhttpd=x", "[web]\nbrowser=x",
		"[hook \"a\"]\ncommand=x", "[core]\nsymlinks=false",
		"[core]\nprotectHFS=false",
	};
	static const char *const innocent[] = {
		"[user]\nname=A\nemail=a@b", "[branch \"m\"]\nremote=origin\nmerge=refs/heads/m\nrebase=true",
		"[remote \"o\"]\nfetch=+refs/heads/*:refs/remotes/o/*", "[alias]\nst=status -sb",
		"[core]\nrepositoryformatversion=0\nfilemode=true\nbare=false\nlogallrefupdates=true\nautocrlf=input",
		"[diff]\nalgorithm=histogram\ncolorMoved=zebra", "[merge]\nconflictStyle=diff3\nff=only",
		"[pull]\nrebase=true", "[push]\ndefault=simple\nautoSetupRemote=true",
		"[rerere]\nenabled=true", "[color]\nui=auto", "[commit]\nverbose=true", "[fetch]\nprune=true",
		"[stash]\nshowPatch=true", "[submodule \"a\"]\nactive=true\nupdate=rebase", "[gc]\nauto=0",
		"[log]\ndate=iso",
	};
	char line[256];

	for (size_t i = 0; i < ARRAY_SIZE(keys) + ARRAY_SIZE(innocent); i++) {
		bool matters = i < ARRAY_SIZE(keys);
		struct floor_case one = { { line }, matters ? GIT : "allow" };

		snprintf(line, sizeof(line), "write .git/config|%s\n",
			matters ? keys[i] : innocent[i - ARRAY_SIZE(keys)]);
		check_cases(&one, 1);
	}
}

TEST(git_files_beside_the_configuration)
{
	static const struct floor_case cases[] = {
		{ { "write .gitattributes|*.c filter=x\n" }, "ask floor/git-attributes" },
		{ { "write .gitattributes|[attr]m filter=x\n* m\n" }, "ask floor/git-attributes" },
		{ { "write src/.gitattributes|* merge=x\n" }, "ask floor/git-attributes" },
		{ { "write .git/info/attributes|* diff=x\n" }, "ask floor/git-attributes" },
		{ { "write .gitattributes|*.sh text eol=lf\n*.png binary -diff\n*.py diff=python\n*.psd filter=lfs diff=lfs\n" },
			"allow" },
		{ { "write .gitmodules|[submodule \"a\"]\nupdate = !x\n" }, "ask floor/git-modules" },
		{ { "write .gitmodules|[submodule \"a\"]\nurl = ../e\n" }, "ask floor/git-modules" },
		{ { "file .gitmodules|[submodule \"a\"]\npath = a\nurl = u\n",
			"write .gitmodules|[submodule \"a\"]\npath = a\nurl = u\nbranch = main\n" },
			"allow" },
		{ { "write .lfsconfig|[lfs]\nurl = https://evil\n" }, GIT },
		{ { "dir .git/worktrees/w", "write .git/worktrees/w/gitdir|/home/a/project/wt/.git\n" },
			"allow" },
		{ { "dir .git/worktrees/w", "write .git/worktrees/w/gitdir|/home/a/.ssh/.git\n" },
			"ask floor/git-link" },
		{ { "dir .git/worktrees/w", "write .git/worktrees/w/gitdir|/home/a/project/src\n" },
			"ask floor/git-link" },
		{ { "dir .git/worktrees/w", "write .git/worktrees/w/config.worktree|[core]\nfsmonitor=x\n" },
			GIT },
		{ { "write .git/modules/m/rebase-merge/git-rebase-todo|exec id\n" }, "ask floor/git-todo" },
		{ { "write .git/rebase-merge/git-rebase-todo|pick 1234 x\n" }, "allow" },
		{ { "write .git/objects/info/alternates|/x\n" }, "ask floor/git-link" },
		/* What ordinary work writes. */
		{ { "dir .git", "write .git/HEAD|ref: refs/heads/x\n", "write .git/ORIG_HEAD|x",
			"write .git/ORIG_HEAD|1\n", "write .git/COMMIT_EDITMSG|x\n",
			"write .git/FETCH_HEAD|1\n", "write .git/packed-refs|#\n",
			"write .git/logs/HEAD|1\n", "write .git/refs/heads/x|1\n",
			"write .git/info/exclude|# *.o\n" },
			"allow" },
	};

	CHECK_CASES(cases);
}

/* git takes a directory for a repository by what lies in it. */
TEST(repositories_that_are_not_called_git)
{
	static const struct floor_case cases[] = {
		{ { "mkdir x", "write x/HEAD|ref: refs/heads/m\n", "mkdir x/objects", "mkdir x/refs" },
			"ask floor/bare-repository" },
		/* Half of it somewhere else: HEAD and commondir are enough. */
		{ { "mkdir x", "write x/HEAD|ref: refs/heads/m\n", "write x/commondir|../y\n" },
			"ask floor/bare-repository" },
		{ { "file x/HEAD|ref: refs/heads/m\n", "write x/commondir|../y\n" },
			"ask floor/bare-repository" },
		{ { "file x/HEAD|ref: refs/heads/m\n", "dir x/objects", "dir x/refs",
			"write x/commondir|../y\n" },
			"ask floor/bare-repository" },
		{ { "file x/HEAD|ref: refs/heads/m\n", "file x/commondir|../y\n",
			"write x/commondir|../z\n" },
			"ask floor/bare-repository" },
		{ { "file x/HEAD|1\n", "dir x/objects", "dir x/refs",
			"write x/config|[core]\nfsmonitor=x\n" },
			GIT },
		{ { "file x/HEAD|1\n", "dir x/objects", "dir x/refs", "writex x/hooks/pre-push|x",
			"mkdir x/hooks" },
			"ask floor/git-hooks" },
		{ { "file x/HEAD|1\n", "dir x/objects", "dir x/refs", "write x/config|[core]\nbare=true\n" },
			"allow" },
		{ { "mkdir x", "write x/HEAD|1\n", "mkdir x/objects" }, "allow" },
		{ { "mkdir x", "write x/commondir|y\n" }, "allow" },
		/* At the very top of the project, too. */
		{ { "write HEAD|ref: refs/heads/m\n", "mkdir objects", "mkdir refs" },
			"ask floor/bare-repository" },
		{ { "write HEAD|ref: refs/heads/m\n", "write commondir|y\n" }, "ask floor/bare-repository" },
		/* One that is called .git, below: what matters in it is found as in the first. */
		{ { "mkdir sub", "mkdir sub/.git", "write sub/.git/HEAD|1\n", "mkdir sub/.git/objects",
			"mkdir sub/.git/refs", "write sub/.git/config|[core]\nbare=false\n" },
			"allow" },
		{ { "mkdir sub", "mkdir sub/.git", "write sub/.git/config|[core]\nsshCommand=x\n" }, GIT },
	};

	CHECK_CASES(cases);
}

#define SHELL "ask floor/shell-startup"
#define HOME "ask floor/home-config"
#define ENVIRONMENT "ask floor/environment"

TEST(shells_and_homes)
{
	static const struct floor_case cases[] = {
		{ { "write 1:.bashrc.d/x.sh|x" }, SHELL }, { { "write 1:.config/zsh/.zshrc|x" }, SHELL },
		{ { "write 1:.config/starship.toml|x" }, SHELL }, { { "write 1:.xonshrc|x" }, SHELL },
		{ { "write 1:.config/powershell/profile.ps1|x" }, SHELL },
		{ { "write docs/bashrc.d/x|x" }, "allow" }, { { "write 1:.docker/cli-plugins/x|x" }, HOME },
		{ { "write 1:.config/gh/config.yml|x" }, HOME },
		{ { "write 1:.config/Code/User/settings.json|x" }, HOME }, { { "write 1:.mailcap|x" }, HOME },
		{ { "write 1:.forward|x" }, HOME }, { { "write 1:.rhosts|x" }, HOME },
		{ { "write 1:.netrc|x" }, HOME }, { { "write 1:.config/tmux/tmux.conf|x" }, HOME },
		{ { "write docker/config.json|x" }, "allow" }, { { "write .rvmrc|x" }, ENVIRONMENT },
		{ { "write 1:.config/direnv/direnvrc|x" }, ENVIRONMENT },
		{ { "write .flaskenv|PYTHONSTARTUP=x\n" }, ENVIRONMENT },
		{ { "write .flaskenv|FLASK_APP=a\n" }, "allow" },
		{ { "write .rbenv-vars|RUBYOPT=-rx\n" }, ENVIRONMENT },
		{ { "write .python-version|3.12\n", "write .nvmrc|20\n", "write .editorconfig|root=true\n" },
			"allow" },
		/* direnv evaluates a flake anew as soon as it changes. */
		{ { "file .envrc|use flake\n", "write flake.nix|{}" }, ENVIRONMENT },
		{ { "file sub/.envrc|use flake\n", "write sub/shell.nix|{}" }, ENVIRONMENT },
		{ { "write flake.nix|{}", "write shell.nix|{}" }, "allow" },
		{ { "file .envrc|use flake\n", "write sub/flake.nix|{}", "write flake.lock|{}" }, "allow" },
		{ { "write flake.nix|{}", "write .envrc|use flake\n" }, ENVIRONMENT },
	};

	CHECK_CASES(cases);
}

#define START "ask floor/start-up-code"

TEST(interpreters)
{
	static const struct floor_case cases[] = {
		{ { "write .iex.exs|x" }, START }, { { "write .ocamlinit|x" }, START },
		{ { "write .erlang|x" }, START }, { { "write jupyter_notebook_config.py|x" }, START },
		{ { "write jupyter_server_config.json|x" }, START },
		{ { "write ipython_config.py|x" }, START }, { { "write .Rprofile|x" }, START },
		{ { "write .irbrc|x" }, START }, { { "write .gdbinit|x" }, START },
		{ { "write .pnp.cjs|x" }, START }, { { "write venv/pyvenv.cfg|home=/x\n" }, START },
		{ { "write conftest.py|x" }, "allow" },
		{ { "write config.py|x", "write src/jupyter.py|x", "write setup/site.py|x" }, "allow" },
	};

	CHECK_CASES(cases);
}

#define EDITOR "ask floor/editor-config"
#define CODE "ask floor/editor-code"

TEST(editors_and_their_helpers)
{
	static const struct floor_case cases[] = {
		{ { "write .vscode/settings.json|{ \"editor.fontSize\": 14, \"files.trimFinalNewlines\": true, "
		    "\"workbench.colorTheme\": \"x\", \"editor.rulers\": [80] }" },
			"allow" },
		{ { "file .vscode/settings.json|{ \"python.pythonPath\": \"a\", \"editor.tabSize\": 2 }",
			"write .vscode/settings.json|{ \"editor.tabSize\": 4, \"python.pythonPath\": \"a\" }" },
			"allow" },
		{ { "write .vscode/settings.json|{ \"git.path\": \"./x\" }" }, EDITOR },
		{ { "write .vscode/settings.json|{ \"task.allowAutomaticTasks\": \"on\" }" }, EDITOR },
		{ { "write .vscode/settings.json|{ \"chat.tools.autoApprove\": true }" }, EDITOR },
		{ { "write .vscode/settings.json|{ \"terminal.integrated.defaultProfile.linux\": \"x\" }" },
			EDITOR },
		{ { "write .vscode/settings.json|{ \"eslint.nodePath\": \"./x\" }" }, EDITOR },
		{ { "write .vscode/settings.json|{ \"php.validate.executablePath\": \"./x\" }" }, EDITOR },
		{ { "write .vscode/settings.json|{ \"[python]\": { \"editor.tabSize\": 4 } }" }, "allow" },
		{ { "write .idea/compiler.xml|x" }, EDITOR }, { { "write .idea/workspace.xml|x" }, EDITOR },
		{ { "write .idea/jsLinters/eslint.xml|x" }, EDITOR },
		{ { "write .idea/codeStyles/Project.xml|x" }, "allow" },
		{ { "write .idea/modules.xml|x", "write .idea/vcs.xml|x" }, "allow" },
		{ { "write .exrc|x" }, EDITOR }, { { "write .nvim.lua|x" }, EDITOR },
		{ { "write .lazy.lua|x" }, EDITOR }, { { "write .emacs.desktop|x" }, EDITOR },
		{ { "write .factorypath|x" }, EDITOR }, { { "write .eslintrc.js|x" }, CODE },
		{ { "write eslint.config.mjs|x" }, CODE }, { { "write prettier.config.js|x" }, CODE },
		{ { "write tailwind.config.ts|x" }, CODE },
		{ { "write .eslintrc.json|{ \"plugins\": [\"./x\"] }" }, CODE },
		{ { "write .eslintrc.json|{ \"overrides\": [{ \"parser\": \"./x\" }] }" }, CODE },
		{ { "write .eslintrc.json|{ \"rules\": { \"semi\": 2 } }" }, "allow" },
		{ { "file .eslintrc|{ \"extends\": \"a\", \"rules\": {} }",
			"write .eslintrc|{ \"extends\": \"a\", \"rules\": { \"x\": 1 } }" },
			"allow" },
		{ { "write tsconfig.json|{ \"compilerOptions\": { \"plugins\": [{ \"name\": \"./x\" }] } }" },
			CODE },
		{ { "write tsconfig.json|{ \"compilerOptions\": { \"strict\": true, \"target\": \"es2022\" } } // x" },
			"allow" },
		{ { "write .pylintrc|[MAIN]\ninit-hook='import os'\n" }, CODE },
		{ { "write .pylintrc|[MAIN]\nmax-line-length=100\n" }, "allow" },
		{ { "write mypy.ini|[mypy]\nplugins = x.py\n" }, CODE },
		{ { "write mypy.ini|[DEFAULT]\nplugins = x.py\n[mypy]\n" }, CODE },
		{ { "file mypy.ini|[mypy]\nplugins =\n  a\n",
			"write mypy.ini|[mypy]\nplugins =\n  a\n  ./evil.py\n" },
			CODE },
		{ { "file mypy.ini|[mypy]\nplugins =\n  a\n",
			"write mypy.ini|[mypy]\nplugins =\n  a\nstrict = true\n" },
			"allow" },
		{ { "write mypy.ini|[mypy]\nstrict = true\n[mypy-x.*]\nignore_errors = true\n" }, "allow" },
		{ { "write .flake8|[flake8]\nmax-line-length = 100\n" }, "allow" },
		{ { "write .flake8|[flake8:local-plugins]\nextension =\n  X = x:y\npaths = ./e\n" }, CODE },
		{ { "write node_modules/x/.eslintrc.js|x", "write node_modules/x/tsconfig.json|{}" },
			"allow" },
		{ { "write .htaccess|x" }, "ask floor/web-server" },
		{ { "write public/.user.ini|x" }, "ask floor/web-server" },
	};

	CHECK_CASES(cases);
}

#define INSTALL "ask floor/install-scripts"
#define SOURCE "ask floor/package-source"

TEST(package_managers_and_builds)
{
	static const struct floor_case cases[] = {
		{ { "file package.json|{ \"name\": \"a\", \"version\": \"1.0.0\", \"scripts\": { \"prepare\": \"husky\" } }",
			"write package.json|{ \"name\": \"a\", \"version\": \"1.0.1\", \"description\": \"b\", \"scripts\": { \"prepare\": \"husky\", "
			"\"test\": \"jest\" }, \"dependencies\": { \"x\": \"^1\" } }" },
			"allow" },
		{ { "write package.json|{ \"scripts\": { \"preinstall\": \"x\" } }" }, INSTALL },
		{ { "write package.json|{ \"scripts\": { \"POSTINSTALL\": \"x\" } }" }, INSTALL },
		{ { "write package.json|{ \"packageManager\": \"yarn@https://e\" }" }, INSTALL },
		{ { "write package.json|{ \"trustedDependencies\": [\"x\"] }" }, INSTALL },
		{ { "write Gemfile|x" }, INSTALL },
		{ { "write a.gemspec|x" }, INSTALL },
		{ { "write mix.exs|x" }, INSTALL },
		{ { "write Package.swift|x" }, INSTALL },
		{ { "write Podfile|x" }, INSTALL },
		{ { "write setup.py|x" }, INSTALL },
		{ { "write Gemfile.lock|x", "write mix.lock|x", "write Makefile|x",
			"write CMakeLists.txt|x" },
			"allow" },
		{ { "write setup.cfg|[metadata]\nname = a\nversion = 2\n[options]\npackages = find:\n" },
			"allow" },
		{ { "write setup.cfg|[options]\nsetup_requires = evil\n" }, INSTALL },
		{ { "write setup.cfg|[options]\nSETUP_REQUIRES : evil\n" }, INSTALL },
		{ { "file setup.cfg|[options]\ncmdclass =\n  build_py = a.B\n",
			"write setup.cfg|[options]\ncmdclass =\n  build_py = e.E\n" },
			INSTALL },
		{ { "write setup.cfg|[easy_install]\nindex_url = https://e\n" }, INSTALL },
		{ { "write pyproject.toml|[project]\nversion = '2'\n[tool.black]\nline-length = 100\n" },
			"allow" },
		{ { "write pyproject.toml|[tool.mypy]\nplugins = ['./x.py']\n" }, INSTALL },
		{ { "write pyproject.toml|[tool.pylint.main]\ninit-hook = 'x'\n" }, INSTALL },
		{ { "write requirements.txt|requests==2.31.0\nflask>=2 ; python_version < \"3.9\"\n-r dev.txt\n# -e x\n" },
			"allow" },
		{ { "write requirements.txt|a==1 \\\n    --hash=sha256:00\n" }, "allow" },
		{ { "write requirements.txt|--index-url https://e\n" }, SOURCE },
		{ { "write requirements-dev.txt|--extra-index=https://e\n" }, SOURCE },
		{ { "write requirements/base.txt|-e git+https://e/x\n" }, SOURCE },
		{ { "write requirements.txt|a @ https://e/a.whl\n" }, SOURCE },
		{ { "write requirements.txt|-r https://e/more.txt\n" }, SOURCE },
		{ { "write requirements.txt|--index-u\\\nrl https://e\n" }, SOURCE },
		{ { "write requirements.txt|a==1\xe2\x80\xa8--index-url https://e\n" }, SOURCE },
		{ { "write requirements.txt|\xc2\xa0--index-url https:x\n" }, SOURCE },
		{ { "file requirements.txt|-i https://mirror\na==1\n",
			"write requirements.txt|-i https://mirror\na==2\n" },
			"allow" },
		{ { "write pnpm-workspace.yaml|x" }, SOURCE },
		{ { "write .yarnrc.yml|yarnPath: x\n" }, SOURCE },
		{ { "write .npmrc|save-exact=true\n" }, "allow" },
		{ { "write .npmrc|script-shell=./x\n" }, SOURCE },
		{ { "write Cargo.toml|[package]\nversion = \"2\"\n[dependencies]\na = \"1\"\n" }, "allow" },
		{ { "write .cargo/config.toml|[target.x]\nlinker = './x'\n" }, SOURCE },
		{ { "write gradle/wrapper/gradle-wrapper.properties|distributionUrl=x\n" }, INSTALL },
		{ { "write .mvn/jvm.config|-javaagent:x\n" }, INSTALL },
		{ { "write .mvn/extensions.xml|x" }, INSTALL }, { { "write .bazelrc|x" }, INSTALL },
		{ { "write pom.xml|x", "write build.gradle|x" }, "allow" },
	};

	CHECK_CASES(cases);
}

#define LOCK "ask floor/lock-file"
#define NPM(url) "package-lock.json|{ \"packages\": { \"node_modules/a\": { \"version\": \"1.2.3\", \"resolved\": \"" url "\" } } }"
#define NPM_TWO(url) "package-lock.json|{ \"packages\": { \"node_modules/a\": { \"version\": \"1.2.3\", \"resolved\": " \
	"\"https://npm.example/r/a/-/a-1.tgz\" }, \"node_modules/b\": { \"resolved\": \"" url "\" } } }"
#define NPM_ADDS(url) "file " NPM("https://npm.example/r/a/-/a-1.tgz"), "write " NPM_TWO(url)
#define YARN(url) "yarn.lock|a@^1:\n  version \"1.0\"\n  resolved \"" url "\"\n"
#define CARGO(name, source) "[[package]]\nname = \"" name "\"\nsource = \"" source "\"\n"
#define UV(registry, file) "[[package]]\nname = \"a\"\nsource = { registry = \"" registry "\" }\nwheels = [{ url = \"" file "\" }]\n"

TEST(lock_files)
{
	static const struct floor_case cases[] = {
		/* In a new one all addresses are new. */
		{ { "write " NPM("https://npm.example/a/-/a-1.tgz") }, LOCK },
		{ { "write " NPM("packages/a") }, "allow" },
		{ { "write " NPM("git+ssh://git@forge.example/e/a.git#1") }, LOCK },
		{ { "write " NPM("file:e.tgz") }, LOCK },
		{ { "write package-lock.json|{ \"dependencies\": { \"a\": { \"version\": \"git+https://e/a\" } } }" },
			LOCK },
		{ { "write " YARN("https://npm.example/a/-/a-1.tgz#00") }, LOCK },
		{ { "write yarn.lock|\"a@https://e/a\":\n  version: 1\n" }, LOCK },
		{ { "write pnpm-lock.yaml|packages:\n  a@1.0.0:\n    resolution: {integrity: sha512-x}\n" },
			"allow" },
		{ { "write pnpm-lock.yaml|packages:\n  a@1.0.0:\n    resolution: {tarball: https://e/a}\n" },
			LOCK },
		{ { "write Cargo.lock|" CARGO("a", "registry+https://index.example/x") }, LOCK },
		{ { "write Cargo.lock|package = [{ name = 'a', source = 'registry+https://evil' }]\n" },
			LOCK },
		{ { "write uv.lock|" UV("https://py.example/simple",
			"https://files.example/packages/a.whl") },
			LOCK },
		{ { "write poetry.lock|[[package]]\nname = \"a\"\n[package.source]\nurl = \"https://e\"\n" },
			LOCK },
		{ { "write poetry.lock|[[package]]\nname = \"a\"\nversion = \"2\"\n[metadata]\nlock-version = \"2.0\"\n" },
			"allow" },
		{ { "write Pipfile.lock|{ \"default\": { \"a\": { \"git\": \"https://e\" } } }" }, LOCK },
		{ { "write Gemfile.lock|GEM\n  remote: https://gems.example/\n" }, LOCK },
		{ { "write go.sum|a v1 h1:x=\n", "write composer.lock|{}", "write flake.lock|{}" }, "allow" },
		{ { "write node_modules/x/package-lock.json|{" }, "allow" },
	};

	CHECK_CASES(cases);
}

TEST(lock_files_that_name_one_more_of_the_same)
{
	static const struct floor_case cases[] = {
		{ { NPM_ADDS("https://npm.example/r/b/-/b-2.tgz") }, "allow" },
		{ { NPM_ADDS("https://npm.example/r/@scope/b/-/b-2.tgz") }, "allow" },
		{ { NPM_ADDS("http://npm.example/r/b/-/b-2.tgz") }, LOCK },
		{ { NPM_ADDS("https://npm.example/b/-/b-2.tgz") }, LOCK },
		{ { NPM_ADDS("https://npm.example/s/b/-/b-2.tgz") }, LOCK },
		{ { NPM_ADDS("https://npm.example/r/b-2.tgz") }, LOCK },
		{ { NPM_ADDS("https://npm.example.evil/r/b/-/b-2.tgz") }, LOCK },
		{ { NPM_ADDS("https://npm.example:8443/r/b/-/b-2.tgz") }, LOCK },
		{ { NPM_ADDS("https://x@npm.example/r/b/-/b-2.tgz") }, LOCK },
		{ { NPM_ADDS("https://evil/https://npm.example/r/b/-/b-2.tgz") }, LOCK },
		{ { NPM_ADDS("https://npm.example/r/../evil/b/-/b-2.tgz") }, LOCK },
		{ { NPM_ADDS("https://npm.example/r/b/-/../../../evil/b-2.tgz") }, LOCK },
		{ { NPM_ADDS("https://npm.example/r/b/-/%2e%2e/b-2.tgz") }, LOCK },
		{ { NPM_ADDS("https://npm.example/r/b/-/b-2.tgz?x") }, LOCK },
		{ { NPM_ADDS("https:\\\\npm.example/r/b/-/b-2.tgz") }, LOCK },
		{ { NPM_ADDS("git+https://npm.example/r/b/-/b-2.tgz") }, LOCK },
		{ { NPM_ADDS("https:///r/b/-/b-2.tgz") }, LOCK },
		{ { NPM_ADDS("https://@e/-/b-2.tgz") }, LOCK },
		/* The address is in the name of the key, where it says nothing. */
		{ { "file " NPM("https://npm.example/r/a/-/a-1.tgz"),
			"write package-lock.json|{ \"packages\": { \"x/resolved=\\\"https://npm.example/r/a/-/a\": "
			"{ \"resolved\": \"https://evil/\" } } }" },
			LOCK },
		{ { "file " YARN("https://npm.example/a/-/a-1.tgz#00"),
			"write " YARN("https://npm.example/b/-/b-1.tgz#00") },
			"allow" },
		{ { "file " YARN("https://npm.example/a/-/a-1.tgz#00"),
			"write " YARN("https://evil/?https://npm.example/b/-/b-1.tgz#00") },
			LOCK },
		{ { "file " YARN("https://npm.example/a/-/a-1.tgz#00"),
			"write yarn.lock|\"a@https://npm.example/b/-/b-1.tgz\":\n  version: 1\n" },
			LOCK },
		{ { "file " YARN("https://npm.example/a/-/a-1.tgz#00"),
			"write yarn.lock|a@^1:\n  resolved \"git://evil/\"https://npm.example/b/-/b-1.tgz#00\"\n" },
			LOCK },
		{ { "file Cargo.lock|" CARGO("a", "registry+https://index.example/x"),
			"write Cargo.lock|" CARGO("a", "registry+https://index.example/x")
				CARGO("b", "registry+https://index.example/x") },
			"allow" },
		{ { "file Cargo.lock|" CARGO("a", "registry+https://index.example/x"),
			"write Cargo.lock|" CARGO("a", "registry+https://index.example/xy") },
			LOCK },
		{ { "file Cargo.lock|" CARGO("a", "registry+https://index.example/x"),
			"write Cargo.lock|" CARGO("a", "git+https://index.example/x#1") },
			LOCK },
		{ { "file uv.lock|" UV("https://py.example/simple", "https://files.example/packages/a.whl"),
			"write uv.lock|" UV("https://py.example/simple",
			"https://files.example/packages/b/b.whl") },
			"allow" },
		{ { "file uv.lock|" UV("https://py.example/simple", "https://files.example/packages/a.whl"),
			"write uv.lock|" UV("https://py.example/simple",
			"https://files.example/evil/b.whl") },
			LOCK },
		{ { "file uv.lock|" UV("https://py.example/simple", "https://files.example/packages/a.whl"),
			"write uv.lock|" UV("https://evil/simple", "https://files.example/packages/b.whl") },
			LOCK },
		{ { "file Gemfile.lock|GEM\n  remote: https://gems.example/\n  specs:\n    rake (13.0)\n",
			"write Gemfile.lock|GEM\n  remote: https://gems.example/\n  specs:\n    rake (14.0)\n" },
			"allow" },
		{ { "file Gemfile.lock|GEM\n  remote: https://gems.example/\n",
			"write Gemfile.lock|GEM\n  remote: https://evil/\n" },
			LOCK },
		/* What the file named is what counts, and not what another one did. */
		{ { "file sub/" NPM("https://npm.example/r/a/-/a-1.tgz"),
			"write " NPM("https://npm.example/r/b/-/b-1.tgz") },
			LOCK },
	};

	CHECK_CASES(cases);
}

TEST(services_and_agents)
{
	static const struct floor_case cases[] = {
		{ { "write tools/deploy/action.yml|x" }, "ask floor/ci" },
		{ { "write .replit|x" }, "ask floor/ci" }, { { "write .idx/dev.nix|x" }, "ask floor/ci" },
		{ { "write docs/actions.yml|x" }, "allow" },
		{ { "write .copilot/mcp-config.json|x" }, "ask floor/agent-config" },
		{ { "write .cursor/mcp.json|x" }, "ask floor/agent-config" },
		{ { "write .claude/settings.json|{ \"hooks\": {} }" }, "ask floor/agent-config" },
		{ { "write .codex/config.toml|x" }, "ask floor/agent-config" },
		{ { "write .devcontainer/devcontainer.json|{}" }, "ask floor/cordon-config" },
		{ { "write README.md|x", "write docs/agents.txt|x" }, "allow" },
		{ { "write .HUSKY/pre-commit|x" }, "ask floor/hook-manager" },
		{ { "write .sl/config|x" }, "ask floor/hook-manager" },
		{ { "write .hg/hgrc-not-shared|x" }, "ask floor/hook-manager" },
	};

	CHECK_CASES(cases);
}

/* A name may be written so that only some file system reads it. */
TEST(names_by_other_names)
{
	static const struct floor_case cases[] = {
		{ { "write .VSCode/Tasks.json|{ \"tasks\": [{ \"command\": \"x\" }] }" }, EDITOR },
		{ { "write .ENVRC|x" }, ENVIRONMENT }, { { "write .envrc.|x" }, ENVIRONMENT },
		{ { "write PACKAGE.JSON|{ \"scripts\": { \"install\": \"x\" } }" }, INSTALL },
		{ { "write .en\xe2\x80\x8bvrc|x" }, "deny floor/deceptive-name floor/environment" },
		{ { "write .bash\xc5\xbfrc|x" }, "allow" },
		{ { "write .gitmodule\xc5\xbf|[submodule \"a\"]\nurl = x\n" }, "ask floor/git-modules" },
		{ { "mkdir .GIT" }, "deny floor/git-disguise" },
		{ { "mkdir .git." }, "deny floor/git-disguise" },
		{ { "mkdir GIT~1" }, "deny floor/git-disguise" },
		{ { "mkdir .g\xe2\x80\x8cit" }, "deny floor/git-disguise" },
		{ { "mkdir .git\\hooks" }, "deny floor/git-disguise" },
		{ { "mkdir .git::$INDEX_ALLOCATION" }, "deny floor/git-disguise" },
	};

	CHECK_CASES(cases);
}

TEST(moved_linked_and_made_executable)
{
	static const struct floor_case cases[] = {
		{ { "file notes|x", "move .envrc|notes" }, ENVIRONMENT },
		{ { "file a/tasks.json|{ \"tasks\": [{ \"command\": \"x\" }] }",
			"move .vscode/tasks.json|a/tasks.json", "mkdir .vscode" },
			EDITOR },
		{ { "file .envrc|x", "move old.envrc|.envrc" }, "allow" },
		{ { "dir .git", "symlink .git/hooks|../tools" }, "ask floor/git-hooks" },
		{ { "symlink .vscode|elsewhere" }, "ask floor/agent-config floor/editor-config" },
		{ { "file .git/hooks/post-merge|x", "chmod .git/hooks/post-merge|755" },
			"ask floor/git-hooks" },
		{ { "file run.sh|x", "chmod run.sh|755" }, "allow" },
		{ { "file run.sh|x", "dir .git/hooks", "link .git/hooks/pre-push|../../run.sh",
			"chmod run.sh|755" },
			"ask floor/git-hooks" },
	};

	CHECK_CASES(cases);
}

TEST_MAIN()
