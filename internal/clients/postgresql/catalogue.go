// Copyright (c) TerraScale
// SPDX-License-Identifier: MPL-2.0

package postgresql

// objectsQuery reads schemas (all where no names are given) with their tables, views and sequences, their owners, and
// what the admin itself may grant. A schema that does not exist gives one row; one that is empty likewise.
const objectsQuery = `
WITH named (name) AS (
  SELECT * FROM pg_catalog.unnest($1::text[])
  UNION ALL SELECT n.nspname::text FROM pg_catalog.pg_namespace n
  WHERE $1::text[] IS NULL AND NOT pg_catalog.starts_with(n.nspname::text, 'pg_toast')
    AND NOT pg_catalog.starts_with(n.nspname::text, 'pg_temp')
)
SELECT w.name, n.oid IS NOT NULL, COALESCE(pg_catalog.pg_get_userbyid(n.nspowner)::text, ''),
       COALESCE(pg_catalog.has_schema_privilege(n.oid, 'USAGE WITH GRANT OPTION'), false),
       COALESCE(pg_catalog.has_schema_privilege(n.oid, 'USAGE'), false),
       COALESCE(c.relname::text, ''), COALESCE(c.relkind = 'S', false),
       COALESCE(pg_catalog.pg_get_userbyid(c.relowner)::text, ''),
       COALESCE(pg_catalog.has_table_privilege(c.oid, 'SELECT WITH GRANT OPTION'), false),
       COALESCE(pg_catalog.has_table_privilege('public', c.oid, 'SELECT'), false)
FROM named w
LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = w.name
LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')`

// privilegesQuery reads every entry of the database's access lists that names one of the roles given (or, without any, a
// role of the server's users), and those that name PUBLIC where they go beyond reading, or open the database or a schema.
// What an owner has as one is no entry. One row stands for the database itself. Where PUBLIC is not asked for, only those
// objects are looked at that pg_shdepend knows to name one of the roles (1259 is pg_class, 2615 pg_namespace, 1255 pg_proc,
// 2613 pg_largeobject, 826 pg_default_acl). A routine that runs with its owner's rights has that owner as its definer; triggers, which
// nobody can call, and the harmless ones of an extension ($3) have none. Everybody may call a routine that has no access list. What a
// routine risks without that is the name of its untrusted language, whose code runs as the server itself, or 'closed': the server or an
// extension made it for superusers (pg_init_privs), and it does not only read. A routine is reached without its schema where something
// else calls it that was parsed before: a view that others may read, another routine, a cast, an operator, a policy or a domain (3256 is
// pg_policy, 2605 pg_cast, 2606 pg_constraint, 2617 pg_operator, 2618 pg_rewrite). Who owns large objects has one row for all of them.
// Which parameters a role may set or write (PostgreSQL 15) pg_shdepend knows (6243 is pg_parameter_acl).
const privilegesQuery = `
WITH touched AS (
  SELECT s.classid, s.objid FROM pg_catalog.pg_shdepend s
  WHERE s.refclassid = 1260 AND s.deptype = 'a' AND NOT $2::bool
    AND s.refobjid IN (SELECT r.oid FROM pg_catalog.pg_roles r WHERE r.rolname = ANY ($1::text[]))
), entry AS (
  SELECT 'DATABASE' AS kind, '' AS schema, d.datname::text AS name, '' AS detail, 0::oid AS namespace,
         '' AS definer, '' AS risk, false AS reached, d.datdba AS owner, a.*
  FROM pg_catalog.pg_database d, pg_catalog.aclexplode(COALESCE(d.datacl, pg_catalog.acldefault('d', d.datdba))) a
  WHERE d.datname = pg_catalog.current_database()
  UNION ALL
  SELECT 'SCHEMA', n.nspname::text, '', '', 0, '', '', false, n.nspowner, a.*
  FROM pg_catalog.pg_namespace n, pg_catalog.aclexplode(n.nspacl) a
  WHERE $2::bool OR n.oid IN (SELECT objid FROM touched WHERE classid = 2615)
  UNION ALL
  SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, n.nspname::text, c.relname::text, '', n.oid, '', '', false,
         c.relowner, a.*
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace,
       pg_catalog.aclexplode(c.relacl) a
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    AND ($2::bool OR c.oid IN (SELECT objid FROM touched WHERE classid = 1259))
  UNION ALL
  SELECT 'COLUMN', n.nspname::text, c.relname::text, t.attname::text, n.oid, '', '', false, c.relowner, a.*
  FROM pg_catalog.pg_attribute t JOIN pg_catalog.pg_class c ON c.oid = t.attrelid
       JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace, pg_catalog.aclexplode(t.attacl) a
  WHERE t.attacl IS NOT NULL AND NOT t.attisdropped
    AND ($2::bool OR c.oid IN (SELECT objid FROM touched WHERE classid = 1259))
  UNION ALL
  SELECT 'ROUTINE', n.nspname::text, f.proname::text,
         pg_catalog.pg_get_function_identity_arguments(f.oid), n.oid,
         CASE WHEN f.prosecdef AND f.prorettype NOT IN ('pg_catalog.trigger'::regtype, 'pg_catalog.event_trigger'::regtype)
                   AND NOT EXISTS (
                     SELECT FROM pg_catalog.pg_depend m JOIN pg_catalog.pg_extension x ON x.oid = m.refobjid
                     WHERE m.classid = 1255 AND m.objid = f.oid AND m.refclassid = 3079 AND m.deptype = 'e'
                       AND x.extname || '.' || f.proname = ANY ($3::text[]))
              THEN pg_catalog.pg_get_userbyid(f.proowner)::text ELSE '' END,
         CASE WHEN l.lanispl AND NOT l.lanpltrusted THEN l.lanname::text
              WHEN f.proacl IS NOT NULL AND f.proname !~ '^(pg_(ls|read|show|get|hba|ident|config|stat_file|stat_get|current_logfile|visib|check_v|wal_sum|buffercache)|pgstat|bt_|verify_|heap_page|get_raw)'
                   AND EXISTS (SELECT FROM pg_catalog.pg_init_privs i WHERE i.classoid = 1255 AND i.objoid = f.oid
                               AND NOT EXISTS (SELECT FROM pg_catalog.aclexplode(i.initprivs) g WHERE g.grantee = 0))
              THEN 'closed' ELSE '' END,
         n.nspname = 'pg_catalog'
           OR (f.prosecdef OR l.lanispl AND NOT l.lanpltrusted) AND EXISTS (
             SELECT FROM pg_catalog.pg_depend m
             WHERE m.refclassid = 1255 AND m.refobjid = f.oid
               AND (m.classid IN (1255, 2605, 2617, 3256)
                 OR m.classid = 2606 AND EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.oid = m.objid AND k.contypid <> 0)
                 OR m.classid = 2618 AND EXISTS (
                      SELECT FROM pg_catalog.pg_rewrite w JOIN pg_catalog.pg_class v ON v.oid = w.ev_class
                      WHERE w.oid = m.objid AND v.relkind = 'v' AND v.relacl IS NOT NULL))),
         f.proowner, a.*
  FROM pg_catalog.pg_proc f JOIN pg_catalog.pg_namespace n ON n.oid = f.pronamespace
       JOIN pg_catalog.pg_language l ON l.oid = f.prolang,
       pg_catalog.aclexplode(CASE WHEN (f.prosecdef OR l.lanispl AND NOT l.lanpltrusted) AND n.nspname NOT IN ('pg_catalog', 'information_schema')
                                  THEN COALESCE(f.proacl, pg_catalog.acldefault('f', f.proowner)) ELSE f.proacl END) a
  WHERE $2::bool OR f.oid IN (SELECT objid FROM touched WHERE classid = 1255)
  UNION ALL
  SELECT 'LARGE OBJECT', '', l.oid::text, '', 0, '', '', false, l.lomowner, a.*
  FROM pg_catalog.pg_largeobject_metadata l, pg_catalog.aclexplode(l.lomacl) a
  WHERE l.lomacl IS NOT NULL AND ($2::bool OR l.oid IN (SELECT objid FROM touched WHERE classid = 2613))
  UNION ALL
  SELECT 'DEFAULT', COALESCE(n.nspname::text, ''),
         CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'ROUTINES'
                              WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS' ELSE 'LARGE OBJECTS' END,
         pg_catalog.pg_get_userbyid(d.defaclrole)::text, 0, '', '', false, d.defaclrole, a.*
  FROM pg_catalog.pg_default_acl d LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace,
       pg_catalog.aclexplode(d.defaclacl) a
  WHERE $2::bool OR d.oid IN (SELECT objid FROM touched WHERE classid = 826)
  UNION ALL
  SELECT 'FOREIGN SERVER', '', f.srvname::text, '', 0, '', '', false, f.srvowner, a.*
  FROM pg_catalog.pg_foreign_server f, pg_catalog.aclexplode(f.srvacl) a
  WHERE $2::bool OR f.oid IN (SELECT objid FROM touched WHERE classid = 1417)
  UNION ALL
  SELECT 'FOREIGN DATA WRAPPER', '', f.fdwname::text, '', 0, '', '', false, f.fdwowner, a.*
  FROM pg_catalog.pg_foreign_data_wrapper f, pg_catalog.aclexplode(f.fdwacl) a
  WHERE $2::bool OR f.oid IN (SELECT objid FROM touched WHERE classid = 2328)
  UNION ALL
  SELECT 'PARAMETER', '', (pg_catalog.pg_identify_object(s.classid, s.objid, 0)).identity, '', 0, '', '', false, 10::oid,
         10::oid, s.refobjid, 'SET, ALTER SYSTEM', false
  FROM pg_catalog.pg_shdepend s WHERE s.classid = 6243 AND s.refclassid = 1260 AND s.deptype = 'a'
)
SELECT kind, schema, name, detail, pg_catalog.pg_get_userbyid(owner)::text, privilege_type, is_grantable,
       pg_catalog.pg_get_userbyid(grantor)::text,
       CASE WHEN namespace = 0 OR pg_catalog.has_schema_privilege(namespace, 'USAGE') THEN ''
            ELSE (SELECT pg_catalog.pg_get_userbyid(n.nspowner)::text FROM pg_catalog.pg_namespace n WHERE n.oid = namespace) END,
       definer, risk, reached,
       pg_catalog.array_agg(CASE grantee WHEN 0 THEN '' ELSE pg_catalog.pg_get_userbyid(grantee)::text END)
FROM entry
WHERE grantee <> owner
  AND ($1::text[] IS NULL OR grantee = 0
       OR grantee = ANY (ARRAY(SELECT r.oid FROM pg_catalog.pg_roles r WHERE r.rolname = ANY ($1::text[]))))
  AND CASE WHEN grantee = 0 THEN (schema NOT IN ('pg_catalog', 'information_schema') OR risk <> '')
        AND (kind IN ('TABLE', 'COLUMN', 'LARGE OBJECT')
             AND privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER', 'MAINTAIN')
          OR kind = 'SEQUENCE' AND privilege_type IN ('UPDATE', 'USAGE')
          OR kind = 'ROUTINE' AND privilege_type = 'EXECUTE' AND (definer <> '' OR risk <> '')
          OR kind IN ('FOREIGN SERVER', 'FOREIGN DATA WRAPPER') AND privilege_type = 'USAGE'
          OR kind = 'DATABASE' AND privilege_type IN ('CREATE', 'CONNECT')
          OR kind = 'SCHEMA' AND privilege_type IN ('CREATE', 'USAGE'))
      ELSE $1::text[] IS NOT NULL OR grantee >= 16384 END
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
UNION ALL
SELECT 'OWNED', '', pg_catalog.min(l.oid)::text, pg_catalog.count(*)::text, pg_catalog.pg_get_userbyid(l.lomowner)::text, '', false, '', '', '', '', false, '{}'
FROM pg_catalog.pg_largeobject_metadata l
WHERE l.lomowner >= 16384
  AND ($1::text[] IS NULL OR l.lomowner = ANY (ARRAY(SELECT r.oid FROM pg_catalog.pg_roles r WHERE r.rolname = ANY ($1::text[]))))
GROUP BY l.lomowner
UNION ALL
SELECT 'SELF', '', d.datname::text, '', pg_catalog.pg_get_userbyid(d.datdba)::text, '',
       pg_catalog.has_database_privilege(d.oid, 'CONNECT WITH GRANT OPTION'), '', '', '', '', false, '{}'
FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()
ORDER BY 1, 2, 3, 4, 6, 7, 8`

// harmless are routines of extensions, as extension.routine, that run with their owner's rights and change nothing.
var harmless = []string{
	// Reads the number of the schema's last change.
	"pg_graphql.get_schema_version",
}
