@{
    The component that changes packages is called "spma", as the templates of Quattor and AII call it.
    No component "packager" is in the profile: what depends on that name depends on "spma".
}
unique template components/packager/named/spma;

prefix '/software/components/spma';
'active' = true;
'ncm-module' = PACKAGER_MODULE;
