@rem The scripts of package.json say "exec" so that no shell stands between npm and the program and swallows signals. Windows has no such word.
@%*
